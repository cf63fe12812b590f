package dev.peerline.fallback.link.client;

import com.google.gson.JsonObject;

import dev.peerline.fallback.link.Vectors;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

/**
 * docs/vectors/session.json and session-carriers.json, which every implementation runs: packet for
 * packet.
 */
final class SessionVectorsTest {
    @TestFactory
    Stream<DynamicTest> oneCarrierAtATime() {
        return scenarios("session.json");
    }

    @TestFactory
    Stream<DynamicTest> severalCarriers() {
        return scenarios("session-carriers.json");
    }

    @TestFactory
    Stream<DynamicTest> topics() {
        return scenarios("session-topics.json");
    }

    private static Stream<DynamicTest> scenarios(String file) {
        JsonObject vectors = Vectors.load(file);
        return Vectors.scenarios(
                vectors, scenario -> new SessionScenario(vectors, scenario).play());
    }
}
