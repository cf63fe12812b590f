package dev.peerline.fallback.link.ladder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.link.Vectors;
import dev.peerline.fallback.link.pair.PairPath;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.Locale;
import java.util.stream.Stream;

/** Plays docs/vectors/ladder.json. */
final class PathLadderVectorsTest {
    private static final double SLACK = 0.001;

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Vectors.scenarios(Vectors.load("ladder.json"), PathLadderVectorsTest::play);
    }

    private static void play(JsonObject scenario) {
        PathLadder ladder = new PathLadder();
        for (JsonElement each : scenario.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            perform(ladder, step);
            check(ladder, step);
        }
    }

    private static void perform(PathLadder ladder, JsonObject step) {
        double at = step.get("at").getAsDouble();
        if (step.has("opened")) ladder.opened(at);
        if (step.has("closed")) ladder.closed(at);
        if (step.has("doubt")) ladder.doubt(at);
        if (step.has("heard")) ladder.heard(at);
        if (step.has("echoed")) {
            ladder.echoed(at, step.getAsJsonObject("echoed").get("rttMs").getAsDouble());
        }
        if (step.has("moved")) ladder.moved(path(step.get("moved")), at);
        if (step.has("observe")) observe(ladder, step, at);
    }

    private static void observe(PathLadder ladder, JsonObject step, double at) {
        JsonObject evidence = step.getAsJsonObject("observe");
        JsonElement active = evidence.get("activeAt");
        PathLadder.Action action =
                ladder.observe(
                        at,
                        new PathLadder.Evidence(
                                evidence.get("silentMs").getAsDouble(),
                                active.isJsonNull()
                                        ? Double.NEGATIVE_INFINITY
                                        : active.getAsDouble(),
                                evidence.get("fallback").getAsBoolean()));
        JsonObject json = new JsonObject();
        switch (action) {
            case PathLadder.Rest _ -> {}
            case PathLadder.Probe(boolean send) -> json.addProperty("probe", send);
            case PathLadder.Use(PairPath to, String reason) -> {
                json.addProperty("use", to.name().toLowerCase(Locale.ROOT));
                json.addProperty("reason", reason);
            }
        }
        assertEquals(step.getAsJsonObject("action"), json, step.toString());
    }

    private static void check(PathLadder ladder, JsonObject step) {
        String why = step.toString();
        assertEquals(path(step.get("path")), ladder.path(), why);
        assertEquals(step.get("rttMs").getAsDouble(), ladder.rttMillis(), SLACK, why);
        assertEquals(step.get("holdMs").getAsDouble(), ladder.holdMillis(), SLACK, why);
        assertEquals(step.get("patienceMs").getAsDouble(), ladder.patienceMillis(), SLACK, why);
        if (step.get("deadline").isJsonNull()) {
            assertTrue(Double.isInfinite(ladder.deadline()), why);
        } else {
            assertEquals(step.get("deadline").getAsDouble(), ladder.deadline(), SLACK, why);
        }
    }

    private static PairPath path(JsonElement json) {
        return PairPath.valueOf(json.getAsString().toUpperCase(Locale.ROOT));
    }
}
