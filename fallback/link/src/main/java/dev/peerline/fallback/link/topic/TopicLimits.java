package dev.peerline.fallback.link.topic;

import java.time.Duration;

/**
 * What topics may hold. Whatever comes first counts, and the newest message stays in any case.
 *
 * @param maxAge how long a message is kept
 * @param maxMessages kept in one log, which is all topics with one first segment
 * @param maxBytes the same in bytes, bookkeeping included
 * @param allBytes what all logs may hold together; beyond it each keeps a small share
 * @param maxTopics topics, in all logs together, that hold messages or of which is known up to
 *     where they were forgotten
 * @param maxKeys idempotency keys in their ten minutes, a log
 */
public record TopicLimits(
        Duration maxAge,
        int maxMessages,
        long maxBytes,
        long allBytes,
        int maxTopics,
        int maxKeys) {
    private static final long MIB = 1024 * 1024;

    /** Meant for one process on a small host. */
    public static final TopicLimits DEFAULT =
            new TopicLimits(Duration.ofHours(24), 10_000, 16 * MIB, 256 * MIB, 10_000, 10_000);

    public TopicLimits {
        positive("maxAge in ms", maxAge.toMillis());
        positive("maxMessages", maxMessages);
        positive("maxBytes", maxBytes);
        positive("allBytes", allBytes);
        positive("maxTopics", maxTopics);
        positive("maxKeys", maxKeys);
    }

    private static void positive(String name, long value) {
        if (value <= 0) throw new IllegalArgumentException(name + " must be > 0, not " + value);
    }
}
