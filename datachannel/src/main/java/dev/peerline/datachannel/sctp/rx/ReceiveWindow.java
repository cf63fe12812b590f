package dev.peerline.datachannel.sctp.rx;

/**
 * How much the peer may send: a limit that follows the bandwidth-delay product, less what is held
 * in memory. Not thread-safe.
 */
final class ReceiveWindow {
    /** Before a round trip was measured. */
    private static final long ASSUMED_RTT_NANOS = 100_000_000;

    private final long maxBytes;
    private long limitBytes;
    private long heldBytes;
    private long advertisedBytes;
    private long rttNanos = ASSUMED_RTT_NANOS;
    private long epochNanos;
    private long epochBytes;

    ReceiveWindow(long initialBytes, long maxBytes) {
        this.limitBytes = Math.min(initialBytes, maxBytes);
        this.maxBytes = maxBytes;
        advertisedBytes = limitBytes;
    }

    void onRtt(long nanos) {
        if (nanos > 0) rttNanos = nanos;
    }

    /** Memory is taken (or, negative, given back). */
    void hold(long bytes) {
        heldBytes += bytes;
    }

    long heldBytes() {
        return heldBytes;
    }

    boolean isFull() {
        return heldBytes >= limitBytes;
    }

    /** Beyond this nothing is taken, whatever for: the bound of memory. */
    boolean isExhausted() {
        return heldBytes >= 2 * maxBytes;
    }

    /** A peer that fills half the window within two round trips is held back by it: double it. */
    void onReceived(int bytes, long nowNanos) {
        epochBytes += bytes;
        if (nowNanos - epochNanos > 2 * rttNanos) {
            epochNanos = nowNanos;
            epochBytes = bytes;
        } else if (epochBytes >= limitBytes / 2 && limitBytes < maxBytes) {
            limitBytes = Math.min(2 * limitBytes, maxBytes);
            epochNanos = nowNanos;
            epochBytes = 0;
        }
    }

    /** The a_rwnd for a SACK that is being written. */
    long advertise() {
        advertisedBytes = Math.max(0, limitBytes - heldBytes);
        return advertisedBytes;
    }

    /** The peer believes in a window much smaller than there is, and may be waiting. */
    boolean isWorthTelling() {
        return advertisedBytes < limitBytes / 2
                && limitBytes - heldBytes - advertisedBytes >= limitBytes / 4;
    }
}
