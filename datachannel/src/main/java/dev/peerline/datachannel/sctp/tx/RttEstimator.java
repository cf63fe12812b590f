package dev.peerline.datachannel.sctp.tx;

/** Smoothed round trip, its variation, and the retransmission timeout (RFC 9260 §6.3.1). */
public final class RttEstimator {
    /** The smallest round trip is forgotten after this long: routes change. */
    private static final long MIN_EXPIRES_NANOS = 60_000_000_000L;

    private final long initialRtoNanos;
    private final long minRtoNanos;
    private final long maxRtoNanos;
    private long smoothedNanos;
    private long variationNanos;
    private long rtoNanos;
    private long minNanos;
    private long minSeenNanos;
    private int backOff;

    public RttEstimator(long initialRtoNanos, long minRtoNanos, long maxRtoNanos) {
        this.initialRtoNanos = initialRtoNanos;
        this.minRtoNanos = minRtoNanos;
        this.maxRtoNanos = maxRtoNanos;
        rtoNanos = initialRtoNanos;
    }

    /** A measurement, nanoseconds; never of a chunk that was sent twice (C5, Karn). */
    public void add(long rttNanos, long nowNanos) {
        long rtt = Math.max(1, rttNanos);
        if (smoothedNanos == 0) {
            smoothedNanos = rtt; // C2
            variationNanos = rtt / 2;
        } else {
            variationNanos += (Math.abs(smoothedNanos - rtt) - variationNanos) / 4; // C3
            smoothedNanos += (rtt - smoothedNanos) / 8;
        }
        if (minNanos == 0 || rtt <= minNanos || nowNanos - minSeenNanos > MIN_EXPIRES_NANOS) {
            minNanos = rtt;
            minSeenNanos = nowNanos;
        }
        long rto = smoothedNanos + 4 * variationNanos;
        rtoNanos = Math.clamp(rto, minRtoNanos, maxRtoNanos); // C6, C7
        backOff = 0;
    }

    /** T3-rtx expired (E2). */
    public void backOff() {
        if (currentRto() < maxRtoNanos) backOff++;
    }

    /** The path works again, or is another one: do not wait for the backed-off timer. */
    public void resetBackOff() {
        backOff = 0;
    }

    /** Another path: nothing that was measured holds. */
    public void reset() {
        smoothedNanos = 0;
        variationNanos = 0;
        minNanos = 0;
        backOff = 0;
        rtoNanos = initialRtoNanos;
    }

    public long currentRto() {
        return Math.min(maxRtoNanos, rtoNanos << Math.min(backOff, 16));
    }

    /** 0 before the first measurement. */
    public long smoothed() {
        return smoothedNanos;
    }

    /** 0 before the first measurement. */
    public long min() {
        return minNanos;
    }
}
