package dev.peerline.fallback.link.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** docs/vectors/frames.json, which every implementation runs. */
final class FrameVectorsTest {
    private static final JsonObject VECTORS = load();

    @TestFactory
    Stream<DynamicTest> frames() {
        return Stream.of("up", "down", "pair")
                .flatMap(direction -> tests(direction, vector -> reads(direction, vector, true)));
    }

    @TestFactory
    Stream<DynamicTest> lenient() {
        return tests("lenient", vector -> reads(text(vector, "direction"), vector, false));
    }

    @TestFactory
    Stream<DynamicTest> malformed() {
        return tests("malformed", FrameVectorsTest::refuses);
    }

    @TestFactory
    Stream<DynamicTest> ids() {
        return StreamSupport.stream(VECTORS.getAsJsonArray("ids").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .map(v -> DynamicTest.dynamicTest(text(v, "id"), () -> hasId(v)));
    }

    private static void hasId(JsonObject vector) {
        Id id = Id.of(text(vector, "room"), hex(text(vector, "key")));
        assertEquals(text(vector, "id"), id.text());
        assertEquals(id, Id.parse(id.text()));
    }

    private static void reads(String direction, JsonObject vector, boolean canonical) {
        Bytes packet = hex(text(vector, "hex"));
        if (!(read(direction, packet) instanceof Parsed.Good<List<? extends Frame>>(var frames))) {
            throw new AssertionError(read(direction, packet).toString());
        }
        assertEquals(vector.getAsJsonArray("frames"), FrameJson.of(frames));
        if (!canonical) return;
        WireWriter writer = new WireWriter();
        frames.forEach(writer::frame);
        assertEquals(packet, writer.take());
    }

    private static void refuses(JsonObject vector) {
        Parsed<?> parsed = read(text(vector, "direction"), hex(text(vector, "hex")));
        Parsed.Bad<?> bad = assertInstanceOf(Parsed.Bad.class, parsed);
        assertEquals(text(vector, "code"), bad.code().name(), bad.problem());
    }

    private static Parsed<List<? extends Frame>> read(String direction, Bytes packet) {
        return switch (direction) {
            case "up" -> widen(UpFrame.readAll(packet));
            case "down" -> widen(DownFrame.readAll(packet));
            case "pair" -> widen(PairFrame.readAll(packet));
            default -> throw new IllegalArgumentException(direction);
        };
    }

    private static <F extends Frame> Parsed<List<? extends Frame>> widen(Parsed<List<F>> parsed) {
        return switch (parsed) {
            case Parsed.Good<List<F>>(List<F> frames) -> new Parsed.Good<>(frames);
            case Parsed.Bad<List<F>>(ErrorCode code, String problem) ->
                    new Parsed.Bad<>(code, problem);
        };
    }

    private static Stream<DynamicTest> tests(String group, Consumer<JsonObject> test) {
        JsonArray vectors = VECTORS.getAsJsonArray(group);
        return StreamSupport.stream(vectors.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> test.accept(v)));
    }

    private static String text(JsonObject vector, String name) {
        return vector.get(name).getAsString();
    }

    private static Bytes hex(String text) {
        return Bytes.of(HexFormat.of().parseHex(text));
    }

    private static JsonObject load() {
        try {
            String json = Files.readString(Path.of("../../docs/vectors/frames.json"));
            return JsonParser.parseString(json).getAsJsonObject();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }
}
