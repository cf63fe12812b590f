package dev.peerline.sdk;

import dev.peerline.sdk.push.TopicReading;

import java.time.Duration;

/** Readers of topics that take a stream for dumb soon, for tests that want to see it. */
public final class Impatient {
    private Impatient() {}

    public static TopicsOptions topics(Duration proof) {
        Duration silence = Duration.ofSeconds(60);
        return TopicsOptions.DEFAULT.withPatience(
                new TopicReading.Patience(proof, silence, Duration.ofSeconds(25), proof));
    }
}
