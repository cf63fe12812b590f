package dev.peerline.fallback.link.client;

import java.time.Duration;

/** Since when the server owes an answer, and when to ask for a sign of life. Not thread-safe. */
final class Liveness {
    /** Until the server says its own. */
    private static final long FIRST_PING_NANOS = Duration.ofSeconds(15).toNanos();

    private Ping ping = Ping.NONE;
    private long pingAtNanos;
    private long pingNanos = FIRST_PING_NANOS;
    private long heardAtNanos;
    private long progressAtNanos;

    private enum Ping {
        NONE,
        WRITTEN,
        SENT
    }

    /** A session without a carrier gets one. */
    void begin(long nowNanos) {
        heardAtNanos = nowNanos;
        progressAtNanos = nowNanos;
    }

    void heard(long nowNanos) {
        heardAtNanos = nowNanos;
    }

    /** Something that was owed has come, or begins to be owed. */
    void progressed(long nowNanos) {
        progressAtNanos = nowNanos;
    }

    long silentForNanos(long nowNanos) {
        return nowNanos - progressAtNanos;
    }

    /** The interval that holds. */
    long pingNanos() {
        return pingNanos;
    }

    void pingEvery(long nanos) {
        pingNanos = nanos;
    }

    long pingDueNanos() {
        return heardAtNanos + pingNanos;
    }

    /** Whether an answer to a ping is to come. */
    boolean asks() {
        return ping != Ping.NONE;
    }

    /** A ping is written. */
    void ask() {
        ping = Ping.WRITTEN;
    }

    /** What was written goes; tells whether that is a ping for the first time. */
    boolean sent(long nowNanos) {
        if (ping != Ping.WRITTEN) return false;
        ping = Ping.SENT;
        pingAtNanos = nowNanos;
        return true;
    }

    /** The answer came; tells how long it took, or -1 when nothing was asked. */
    long answered(long nowNanos) {
        long nanos = ping == Ping.SENT ? nowNanos - pingAtNanos : -1;
        ping = Ping.NONE;
        progressAtNanos = nowNanos;
        return nanos;
    }

    void forget() {
        ping = Ping.NONE;
    }
}
