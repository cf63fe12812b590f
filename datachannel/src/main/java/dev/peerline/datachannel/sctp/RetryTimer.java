package dev.peerline.datachannel.sctp;

/** T1, T2 and their like: a deadline that backs off, and a count of attempts. Not thread-safe. */
final class RetryTimer {
    private long deadline = Long.MAX_VALUE;
    private int attempts;

    /** The first attempt was made. */
    void start(long nowNanos, long rtoNanos) {
        attempts = 0;
        deadline = nowNanos + rtoNanos;
    }

    void stop() {
        deadline = Long.MAX_VALUE;
    }

    boolean isRunning() {
        return deadline != Long.MAX_VALUE;
    }

    boolean isExpired(long nowNanos) {
        return deadline <= nowNanos;
    }

    /** Another attempt is made: returns how many that are, beside the first. */
    int retry(long nowNanos, long rtoNanos, long maxNanos) {
        attempts++;
        deadline = nowNanos + Math.min(maxNanos, rtoNanos << Math.min(attempts, 16));
        return attempts;
    }

    int attempts() {
        return attempts;
    }

    /** The path has changed: the next attempt is due. */
    void hurry(long nowNanos) {
        if (isRunning()) deadline = nowNanos;
    }

    long deadlineNanos() {
        return deadline;
    }
}
