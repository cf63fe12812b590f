package dev.peerline.signaling.messages;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** docs/vectors/signals.json, which every implementation runs. */
final class SignalVectorsTest {
    private static final JsonObject VECTORS = load();

    @TestFactory
    Stream<DynamicTest> signals() {
        return tests("signals", vector -> reads(vector, true));
    }

    @TestFactory
    Stream<DynamicTest> lenient() {
        return tests("lenient", vector -> reads(vector, false));
    }

    @TestFactory
    Stream<DynamicTest> malformed() {
        return tests(
                "malformed",
                vector -> assertInstanceOf(Signal.Parsed.Bad.class, Signal.parse(hex(vector))));
    }

    private static void reads(JsonObject vector, boolean canonical) {
        if (!(Signal.parse(hex(vector)) instanceof Signal.Parsed.Good(Signal signal))) {
            throw new AssertionError(Signal.parse(hex(vector)).toString());
        }
        assertEquals(vector.get("signal"), json(signal));
        if (canonical) assertArrayEquals(hex(vector), signal.encode());
    }

    private static JsonObject json(Signal signal) {
        JsonObject json = new JsonObject();
        json.addProperty("connection", signal.connection());
        switch (signal) {
            case Signal.Description(_, Signal.SdpType type, String sdp) -> {
                json.addProperty("kind", "description");
                json.addProperty("descriptionType", type.text());
                if (!sdp.isEmpty()) json.addProperty("sdp", sdp);
            }
            case Signal.Candidate candidate -> {
                json.addProperty("kind", "candidate");
                json.addProperty("candidate", candidate.candidate());
                add(json, "sdpMid", candidate.sdpMid());
                int index = candidate.sdpMLineIndex();
                if (index >= 0) json.add("sdpMLineIndex", new JsonPrimitive((long) index));
                add(json, "usernameFragment", candidate.usernameFragment());
            }
            case Signal.Decline(_, String reason) -> {
                json.addProperty("kind", "decline");
                if (!reason.isEmpty()) json.addProperty("reason", reason);
            }
        }
        return json;
    }

    private static void add(JsonObject json, String name, @Nullable String value) {
        if (value != null) json.addProperty(name, value);
    }

    private static byte[] hex(JsonObject vector) {
        return HexFormat.of().parseHex(vector.get("hex").getAsString());
    }

    private static Stream<DynamicTest> tests(String group, Consumer<JsonObject> test) {
        return StreamSupport.stream(VECTORS.getAsJsonArray(group).spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .map(
                        v ->
                                DynamicTest.dynamicTest(
                                        v.get("name").getAsString(), () -> test.accept(v)));
    }

    private static JsonObject load() {
        try {
            String json = Files.readString(Path.of("../../docs/vectors/signals.json"));
            return JsonParser.parseString(json).getAsJsonObject();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }
}
