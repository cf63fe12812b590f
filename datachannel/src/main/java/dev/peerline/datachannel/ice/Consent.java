package dev.peerline.datachannel.ice;

/**
 * When to ask the selected pair whether we may go on sending (RFC 7675), and what silence means. A
 * state machine: time comes as a parameter. An answer that is owed for {@link #RETRY_NANOS} is
 * asked for again, so that a lost datagram is no lost peer. Not thread-safe.
 */
final class Consent {
    /** An unanswered request is followed by another one after this. */
    static final long RETRY_NANOS = 500_000_000;

    private final long intervalNanos;
    private final long doubtNanos;
    private final long timeoutNanos;
    private long heardNanos;
    private long askAtNanos;
    private boolean doubted;

    /** What is to be done now. */
    enum Step {
        /** Nothing before {@link #deadline}. */
        WAIT,
        /** Send a request. */
        ASK,
        /** The peer has been silent for long: say so. Then ask again what to do. */
        DOUBT,
        /** Consent is lost, for good. */
        LOST
    }

    Consent(IceOptions options, long nowNanos) {
        intervalNanos = options.consentInterval().toNanos();
        doubtNanos = options.disconnectedAfter().toNanos();
        timeoutNanos = options.consentTimeout().toNanos();
        heardNanos = nowNanos;
        askAtNanos = nowNanos; // the first one measures the round trip
    }

    /**
     * What is due.
     *
     * @param variation 0 to 1, at random (RFC 7675 §5.1: intervals vary by 20 %)
     */
    Step next(long nowNanos, double variation) {
        long silence = nowNanos - heardNanos;
        if (silence >= timeoutNanos) return Step.LOST;
        if (!doubted && silence >= doubtNanos) {
            doubted = true;
            return Step.DOUBT;
        }
        if (nowNanos - askAtNanos < 0) return Step.WAIT;
        long wait = Math.min(RETRY_NANOS, intervalNanos);
        askAtNanos = nowNanos + (long) (wait * (0.8 + 0.4 * variation));
        return Step.ASK;
    }

    /**
     * Something else says that the peer does not hear us.
     *
     * @return whether that is new
     */
    boolean doubt() {
        boolean isNew = !doubted;
        doubted = true;
        return isNew;
    }

    boolean isDoubted() {
        return doubted;
    }

    /** When {@link #next} has something to say at the latest. */
    long deadline() {
        long end = heardNanos + (doubted ? timeoutNanos : doubtNanos);
        if (end - (heardNanos + timeoutNanos) > 0) end = heardNanos + timeoutNanos;
        return askAtNanos - end < 0 ? askAtNanos : end;
    }

    /**
     * A valid answer came.
     *
     * @return whether the peer had been doubted
     */
    boolean answered(long nowNanos, double variation) {
        boolean wasDoubted = doubted;
        heardNanos = nowNanos;
        doubted = false;
        askAtNanos = nowNanos + (long) (intervalNanos * (0.8 + 0.4 * variation));
        return wasDoubted;
    }
}
