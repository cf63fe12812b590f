package dev.peerline.datachannel.sctp.tx;

/** T3-rtx (RFC 9260 §6.3.2) and, before it, the tail loss probe (RFC 8985 §7). Not thread-safe. */
final class RetransmissionTimers {
    /** What has expired. */
    enum Expired {
        NONE,
        TAIL_PROBE,
        T3
    }

    /** The peer may hold back the acknowledgement of a lone packet this long (RFC 9260 §6.2). */
    private static final long PEER_SACK_DELAY_NANOS = 200_000_000;

    /** Timers and threads are not exact; a probe earlier than this is mostly wasted. */
    private static final long MIN_PROBE_NANOS = 5_000_000;

    private final RttEstimator rtt;
    private long t3 = Long.MAX_VALUE;
    private long probe = Long.MAX_VALUE;
    private boolean probed;
    private int consecutiveTimeouts;

    RetransmissionTimers(RttEstimator rtt) {
        this.rtt = rtt;
    }

    int consecutiveTimeouts() {
        return consecutiveTimeouts;
    }

    long deadlineNanos() {
        return Math.min(t3, probe);
    }

    Expired expired(long nowNanos) {
        if (t3 <= nowNanos) {
            t3 = Long.MAX_VALUE;
            probe = Long.MAX_VALUE;
            return Expired.T3;
        }
        if (probe <= nowNanos) {
            probe = Long.MAX_VALUE;
            probed = true;
            return Expired.TAIL_PROBE;
        }
        return Expired.NONE;
    }

    void onTimeout(boolean zeroWindowProbe) {
        // §6.1 A: a receiver without room that answers is not dead.
        if (!zeroWindowProbe || consecutiveTimeouts == 0) consecutiveTimeouts++;
        rtt.backOff(); // E2
    }

    void onPeerAlive() {
        consecutiveTimeouts = 0;
    }

    /** R1: DATA was sent; the timer starts if it does not run. */
    void onSent(Outstanding outstanding, boolean probing, long nowNanos) {
        if (t3 == Long.MAX_VALUE || probing) t3 = nowNanos + rtt.currentRto();
        armProbe(outstanding, nowNanos);
    }

    /** R2 and R3: something was acknowledged; the timer begins anew, or stops. */
    void onProgress(Outstanding outstanding, long nowNanos) {
        probed = false;
        restart(outstanding, nowNanos);
    }

    void restart(Outstanding outstanding, long nowNanos) {
        t3 = outstanding.isEmpty() ? Long.MAX_VALUE : nowNanos + rtt.currentRto();
        armProbe(outstanding, nowNanos);
    }

    /** Starts the timer if it does not run and something is outstanding. */
    void rearm(Outstanding outstanding, long nowNanos) {
        if (outstanding.isEmpty()) restart(outstanding, nowNanos);
        else if (t3 == Long.MAX_VALUE) t3 = nowNanos + rtt.currentRto();
    }

    private void armProbe(Outstanding outstanding, long nowNanos) {
        probe = Long.MAX_VALUE;
        boolean unnecessary = probed || consecutiveTimeouts > 0 || outstanding.firstLost() != null;
        if (unnecessary || outstanding.inFlightChunks() == 0 || rtt.smoothed() == 0) return;
        long wait = Math.max(2 * rtt.smoothed(), MIN_PROBE_NANOS);
        if (outstanding.inFlightChunks() == 1) wait += PEER_SACK_DELAY_NANOS;
        // One that T3 comes before is cleared by it.
        probe = nowNanos + wait;
    }
}
