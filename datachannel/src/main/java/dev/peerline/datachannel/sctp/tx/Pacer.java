package dev.peerline.datachannel.sctp.tx;

/**
 * Spaces packets. A late wake-up may catch up by a burst, which is also what lets one system call
 * send many packets.
 */
final class Pacer {
    /** A burst is what the rate gives in this time. */
    private static final long BURST_NANOS = 1_000_000;

    private static final int MIN_BURST_PACKETS = 10;

    private final int maxPacketBytes;
    private long nextNanos;

    Pacer(int maxPacketBytes) {
        this.maxPacketBytes = maxPacketBytes;
    }

    boolean mayLeave(long rate, long nowNanos) {
        return rate == 0 || nowNanos >= nextNanos;
    }

    long nextNanos() {
        return nextNanos;
    }

    void sent(int bytes, long rate, long nowNanos) {
        if (rate == 0) return;
        long nanosAPacket = 1_000_000_000L * maxPacketBytes / rate;
        long burst = Math.max(BURST_NANOS, MIN_BURST_PACKETS * nanosAPacket);
        nextNanos = Math.max(nextNanos, nowNanos - burst) + 1_000_000_000L * bytes / rate;
    }

    void reset() {
        nextNanos = 0;
    }
}
