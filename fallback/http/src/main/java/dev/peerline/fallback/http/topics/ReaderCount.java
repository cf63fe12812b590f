package dev.peerline.fallback.http.topics;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** Counts readers, in all and by whose limits count. Thread-safe: one lock for a map's work. */
final class ReaderCount {
    private static final long RETRY_MILLIS = 5_000;

    private final ReaderLimits limits;
    private final Map<String, Integer> byKey = new HashMap<>();
    private int total;

    ReaderCount(ReaderLimits limits) {
        this.limits = limits;
    }

    /** Counts one in; returns why not. */
    synchronized @Nullable TopicRefusal open(@Nullable String key) {
        if (total >= limits.maxReaders()) {
            return refusal("This server has all the readers that it may have.");
        }
        if (key != null) {
            int open = byKey.getOrDefault(key, 0);
            if (open >= limits.readersPerKey()) {
                return refusal(
                        "This address or token has %d readers already."
                                .formatted(limits.readersPerKey()));
            }
            byKey.put(key, open + 1);
        }
        total++;
        return null;
    }

    private static TopicRefusal refusal(String detail) {
        return TopicRefusal.of(TopicError.TOO_MANY_READERS, detail)
                .withRetryAfterMillis(RETRY_MILLIS);
    }

    synchronized void close(@Nullable String key) {
        total--;
        if (key != null) byKey.computeIfPresent(key, (_, open) -> open == 1 ? null : open - 1);
    }

    synchronized int total() {
        return total;
    }
}
