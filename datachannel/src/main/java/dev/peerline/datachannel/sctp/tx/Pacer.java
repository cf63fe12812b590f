package dev.peerline.datachannel.sctp.tx;

/**
 * Spaces packets, in small bursts: whoever has to wait goes on with several packets at once, which
 * is what lets one system call send, and one acknowledgement answer, many of them. A late wake-up
 * may catch up by a larger burst.
 */
final class Pacer {
    /** A burst is at most what the rate gives in this time. */
    private static final long BURST_NANOS = 1_000_000;

    private static final int MIN_BURST_PACKETS = 10;

    /** Who has to wait collects as many packets as the rate gives in this time, ... */
    private static final long MAX_HOLD_NANOS = BURST_NANOS / 2;

    /** ... but no more than these, ... */
    private static final int MAX_HELD_PACKETS = 32;

    /** ... and for no more than this part of a round trip: acknowledgements must not run dry. */
    private static final int HOLD_RTT_PART = 16;

    private final int maxPacketBytes;
    private long nextNanos;
    private long holdNanos;

    Pacer(int maxPacketBytes) {
        this.maxPacketBytes = maxPacketBytes;
    }

    /**
     * Whether a packet may leave now.
     *
     * @param rate bytes a second, or 0 for any
     */
    boolean mayLeave(long rate, long rttNanos, long nowNanos) {
        if (rate == 0 || nowNanos - nextNanos >= holdNanos) {
            holdNanos = 0;
            return true;
        }
        if (holdNanos == 0) {
            long held = Math.min(MAX_HOLD_NANOS, MAX_HELD_PACKETS * nanosAPacket(rate));
            holdNanos = Math.min(held, rttNanos / HOLD_RTT_PART);
        }
        return false;
    }

    private long nanosAPacket(long rate) {
        return 1_000_000_000L * maxPacketBytes / rate;
    }

    /** When to ask again. */
    long nextNanos() {
        return nextNanos + holdNanos;
    }

    void sent(int bytes, long rate, long nowNanos) {
        if (rate == 0) return;
        long burst = Math.max(BURST_NANOS, MIN_BURST_PACKETS * nanosAPacket(rate));
        nextNanos = Math.max(nextNanos, nowNanos - burst) + 1_000_000_000L * bytes / rate;
    }

    void reset() {
        nextNanos = 0;
        holdNanos = 0;
    }
}
