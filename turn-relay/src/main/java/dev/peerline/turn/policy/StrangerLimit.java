package dev.peerline.turn.policy;

import dev.peerline.net.TransportAddress;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How much is answered to people who have not proved who they are: bytes a second to one prefix
 * (IPv4 /24, IPv6 /48) and in total. UDP sources can be forged, so what we answer can be aimed at
 * somebody. The memory is fixed: prefixes share buckets by a keyed hash. Thread-safe: shared by all
 * loops.
 */
public final class StrangerLimit {
    private static final int BUCKETS = 4096;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final AtomicLongArray freeNanos = new AtomicLongArray(BUCKETS);
    private final long seed;
    private final RateLimit total;
    private final long prefixBytesPerSecond;
    private final boolean loopbackExempt;

    /**
     * @param seed secret, so that nobody can choose whose bucket he shares
     * @param prefixBytesPerSecond 0 for no limit; twice as much may be sent at once
     */
    public StrangerLimit(
            long seed,
            long prefixBytesPerSecond,
            long totalBytesPerSecond,
            boolean loopbackExempt,
            long nowNanos) {
        this.seed = seed;
        this.prefixBytesPerSecond = prefixBytesPerSecond;
        this.loopbackExempt = loopbackExempt;
        total = new RateLimit(totalBytesPerSecond, totalBytesPerSecond, nowNanos);
        for (int i = 0; i < BUCKETS; i++) freeNanos.setPlain(i, nowNanos);
    }

    /** Whether this answer may be sent; if so it counts. */
    public boolean take(long high, long low, int bytes, long nowNanos) {
        if (loopbackExempt && TransportAddress.isLoopback(high, low)) return true;
        boolean may = prefixBytesPerSecond == 0 || takeOfPrefix(high, low, bytes, nowNanos);
        return may && total.take(bytes, nowNanos);
    }

    private boolean takeOfPrefix(long high, long low, int bytes, long nowNanos) {
        int bucket = bucket(high, low);
        long cost = bytes * NANOS_PER_SECOND / prefixBytesPerSecond;
        while (true) {
            long old = freeNanos.get(bucket);
            long next = (old - nowNanos > 0 ? old : nowNanos) + cost;
            if (next - nowNanos > 2 * NANOS_PER_SECOND) return false;
            if (freeNanos.compareAndSet(bucket, old, next)) return true;
        }
    }

    private int bucket(long high, long low) {
        long prefix = TransportAddress.isIpv4(high, low) ? low >>> 8 : high >>> 16 | 1L << 63;
        long hash = (prefix ^ seed) * 0x9e3779b97f4a7c15L;
        hash = (hash ^ hash >>> 32) * 0xbf58476d1ce4e5b9L;
        return (int) (hash >>> 52);
    }
}
