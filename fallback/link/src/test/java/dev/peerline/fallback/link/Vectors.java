package dev.peerline.fallback.link;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.junit.jupiter.api.DynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Scenarios of docs/vectors, which every implementation runs. */
public final class Vectors {
    private Vectors() {}

    public static JsonObject load(String file) {
        try {
            Path path = Path.of("../../docs/vectors").resolve(file);
            return JsonParser.parseString(Files.readString(path)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Stream<DynamicTest> scenarios(JsonObject vectors, Consumer<JsonObject> play) {
        return StreamSupport.stream(vectors.getAsJsonArray("scenarios").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .map(
                        scenario ->
                                DynamicTest.dynamicTest(
                                        scenario.get("name").getAsString(),
                                        () -> play.accept(scenario)));
    }

    /** What a step expects; nothing where it does not say. */
    public static JsonElement list(JsonObject step, String name) {
        return step.has(name) ? normal(step.get(name)) : new JsonArray();
    }

    /** The same as parsed text: numbers compare by value whatever type they were made of. */
    public static JsonElement normal(JsonElement json) {
        return JsonParser.parseString(json.toString());
    }
}
