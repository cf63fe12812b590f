package dev.peerline.turn.policy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit in bytes a second with a burst, by the generic cell rate algorithm: one number of state.
 * Thread-safe.
 */
public final class RateLimit {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final long bytesPerSecond;
    private final long burstNanos;
    private final AtomicLong free;

    /**
     * @param bytesPerSecond 0 for no limit
     * @param burstBytes may be sent at once after a pause
     */
    public RateLimit(long bytesPerSecond, long burstBytes, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        burstNanos = bytesPerSecond == 0 ? 0 : nanos(burstBytes);
        free = new AtomicLong(nowNanos);
    }

    private long nanos(long bytes) {
        return (long) ((double) bytes * NANOS_PER_SECOND / bytesPerSecond);
    }

    /** Counts bytes that cannot be dropped; whether they were within the limit. */
    public boolean charge(int bytes, long nowNanos) {
        if (bytesPerSecond == 0) return true;
        long cost = nanos(bytes);
        long next = free.updateAndGet(old -> (old - nowNanos > 0 ? old : nowNanos) + cost);
        return next - nowNanos <= burstNanos;
    }

    /** Whether so many bytes may be sent now; if so they count. */
    public boolean take(int bytes, long nowNanos) {
        if (bytesPerSecond == 0) return true;
        long cost = nanos(bytes);
        while (true) {
            long old = free.get();
            long next = (old - nowNanos > 0 ? old : nowNanos) + cost;
            if (next - nowNanos > burstNanos) return false;
            if (free.compareAndSet(old, next)) return true;
        }
    }
}
