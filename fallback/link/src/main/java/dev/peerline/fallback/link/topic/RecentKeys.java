package dev.peerline.fallback.link.topic;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Idempotency keys, and which message each stands for, for ten minutes. Not thread-safe. */
final class RecentKeys {
    static final long KEPT_MILLIS = Duration.ofMinutes(10).toMillis();

    /** In the order in which they end. */
    private final Map<Key, Taken> taken = new LinkedHashMap<>();

    private record Key(String topic, String text) {}

    private record Taken(long offset, long sinceMillis) {}

    /** The offset of the message that was published with a key; 0 for none. */
    long find(String topic, String key, long nowMillis) {
        forget(nowMillis);
        Taken found = taken.get(new Key(topic, key));
        return found == null ? 0 : found.offset;
    }

    void add(LogState.Key kept) {
        taken.put(new Key(kept.topic(), kept.key()), new Taken(kept.offset(), kept.sinceMillis()));
    }

    int size() {
        return taken.size();
    }

    void forget(long nowMillis) {
        Iterator<Taken> oldest = taken.values().iterator();
        while (oldest.hasNext() && nowMillis - oldest.next().sinceMillis >= KEPT_MILLIS) {
            oldest.remove();
        }
    }

    /** Shows them all. */
    void each(Consumer<LogState.Key> visitor) {
        taken.forEach(
                (key, found) ->
                        visitor.accept(
                                new LogState.Key(
                                        key.topic, key.text, found.offset, found.sinceMillis)));
    }
}
