package dev.peerline.fallback.link.ladder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.link.Vectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Plays docs/vectors/carriers.json. */
final class CarrierLadderVectorsTest {
    private static final double SLACK = 0.001;

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Vectors.scenarios(Vectors.load("carriers.json"), CarrierLadderVectorsTest::play);
    }

    private static void play(JsonObject scenario) {
        Deque<Double> chance = new ArrayDeque<>();
        for (JsonElement each : scenario.getAsJsonArray("random")) chance.add(each.getAsDouble());
        Set<Rung> rungs = EnumSet.noneOf(Rung.class);
        for (JsonElement each : scenario.getAsJsonArray("rungs")) {
            rungs.add(rung(each.getAsString()));
        }
        Rung remembered =
                scenario.has("remembered") && !scenario.get("remembered").isJsonNull()
                        ? rung(scenario.get("remembered").getAsString())
                        : null;
        CarrierLadder ladder = new CarrierLadder(rungs, chance::remove, remembered);
        for (JsonElement each : scenario.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            perform(ladder, step);
            check(ladder, step);
        }
        assertEquals(0, chance.size(), "chance is asked less often than it was");
    }

    private static void perform(CarrierLadder ladder, JsonObject step) {
        double at = step.get("at").getAsDouble();
        if (step.has("start")) start(ladder, step.getAsJsonObject("start"), at);
        if (step.has("stop")) ladder.stop();
        if (step.has("opened")) ladder.opened(dial(step, "opened"), at);
        if (step.has("welcomed")) ladder.welcomed(dial(step, "welcomed"), at);
        if (step.has("closed")) {
            String end = step.getAsJsonObject("closed").get("end").getAsString();
            ladder.closed(
                    dial(step, "closed"), at, CarrierEnd.valueOf(end.toUpperCase(Locale.ROOT)));
        }
        if (step.has("measured")) {
            ladder.measured(step.getAsJsonObject("measured").get("rttMs").getAsDouble());
        }
        if (step.has("heard")) {
            ladder.heard(at, step.getAsJsonObject("heard").get("active").getAsBoolean());
        }
        if (step.has("news")) ladder.news(at);
        if (step.has("offer")) {
            ladder.offer(step.getAsJsonObject("offer").get("yes").getAsBoolean());
        }
        if (step.has("defer")) {
            JsonObject defer = step.getAsJsonObject("defer");
            ladder.defer(at, defer.get("ms").getAsDouble(), defer.get("leave").getAsBoolean());
        }
        ladder.observe(at, step.get("silentMs").getAsDouble());
    }

    private static void start(CarrierLadder ladder, JsonObject start, double at) {
        assertFalse(start.has("dialled"), "a carrier that was begun before is a page's");
        ladder.start(at);
    }

    private static int dial(JsonObject step, String name) {
        return step.getAsJsonObject(name).get("dial").getAsInt();
    }

    private static void check(CarrierLadder ladder, JsonObject step) {
        String why = step.toString();
        JsonArray actions = new JsonArray();
        for (CarrierAction action; (action = ladder.next()) != null; ) actions.add(json(action));
        assertEquals(step.getAsJsonArray("actions"), Vectors.normal(actions), why);
        JsonElement path = step.get("path");
        assertEquals(path.isJsonNull() ? null : rung(path.getAsString()), ladder.path(), why);
        if (step.get("deadline").isJsonNull()) {
            assertTrue(Double.isInfinite(ladder.deadline()), why);
        } else {
            assertEquals(step.get("deadline").getAsDouble(), ladder.deadline(), SLACK, why);
        }
    }

    private static JsonObject json(CarrierAction action) {
        JsonObject json = new JsonObject();
        switch (action) {
            case CarrierAction.Dial(int dial, Rung rung) -> {
                json.addProperty("do", "dial");
                json.addProperty("dial", dial);
                json.addProperty("rung", text(rung));
            }
            case CarrierAction.Close(int dial) -> {
                json.addProperty("do", "close");
                json.addProperty("dial", dial);
            }
            case CarrierAction.Ping _ -> json.addProperty("do", "ping");
            case CarrierAction.Move(Rung from, Rung to, String reason) -> {
                json.addProperty("do", "move");
                json.addProperty("from", text(from));
                json.addProperty("to", text(to));
                json.addProperty("reason", reason);
            }
            case CarrierAction.Remember(Rung rung) -> {
                json.addProperty("do", "remember");
                json.addProperty("rung", text(rung));
            }
        }
        return json;
    }

    private static Rung rung(String text) {
        return Rung.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static String text(@Nullable Rung rung) {
        return rung == null ? "" : rung.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
