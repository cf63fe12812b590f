package dev.peerline.server.door;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many times in a while each of many may do something: a bucket of tokens for each, that fills
 * evenly. Remembers a bounded number of them; the one longest unseen is forgotten first.
 *
 * <p>Thread-safe. Time is a parameter.
 *
 * @param <K> who is counted
 */
public final class Quota<K> {
    private final int burst;
    private final long nanosPerToken;
    private final int maxKeys;
    private final Map<K, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param burst how many at once
     * @param periodNanos the time in which that many come back
     * @param maxKeys how many are remembered
     */
    public Quota(int burst, long periodNanos, int maxKeys) {
        if (burst < 1) throw new IllegalArgumentException("burst must be at least 1: " + burst);
        this.burst = burst;
        this.nanosPerToken = Math.max(1, periodNanos / burst);
        this.maxKeys = maxKeys;
    }

    /**
     * Takes one.
     *
     * @return 0 when there was one, else the nanoseconds until there will be
     */
    public synchronized long take(K key, long nowNanos) {
        // The bucket is empty until this time, and full a period after the last was taken.
        Bucket bucket = buckets.computeIfAbsent(key, _ -> new Bucket(nowNanos));
        long full = nowNanos + nanosPerToken * (burst - 1);
        if (bucket.nextNanos - nowNanos < 0) bucket.nextNanos = nowNanos;
        if (bucket.nextNanos - full > 0) return bucket.nextNanos - full;
        bucket.nextNanos += nanosPerToken;
        if (buckets.size() > maxKeys) buckets.remove(buckets.keySet().iterator().next());
        return 0;
    }

    /** How many are remembered. */
    public synchronized int size() {
        return buckets.size();
    }

    /** When it would be due, were there no burst: the "theoretical arrival time" of GCRA. */
    private static final class Bucket {
        private long nextNanos;

        private Bucket(long nextNanos) {
            this.nextNanos = nextNanos;
        }
    }
}
