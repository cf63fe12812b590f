package dev.peerline.sdk.direct;

import dev.peerline.fallback.link.ladder.PathLadder;
import dev.peerline.fallback.link.wire.Member;

import org.jspecify.annotations.Nullable;

/** What is known of the direct path to one peer. Times are of the loop, in nanoseconds. */
final class Way {
    static final long NEVER = Long.MAX_VALUE;

    /** Activity halves in this time; a path younger than this is not taken from its peer. */
    static final long ACTIVITY_NANOS = 30_000_000_000L;

    final Member member;

    /** Whether this side gives way when offers cross. */
    final boolean polite;

    final PathLadder ladder = new PathLadder();
    boolean here;

    /** Of its newest connection. */
    long number;

    @Nullable Connection connection;
    boolean open;

    /** When this connection is replaced. */
    long giveUpAt = NEVER;

    /** When ICE is restarted, unless the other side did. */
    long restartAt = NEVER;

    long startedAt;
    long retryAt;
    int failures;

    /** The peer has no direct paths at all. */
    boolean refused;

    /** As this side sees it, and as the other does. */
    boolean relayed;

    boolean relayedThere;

    /** When a relayed path is tried directly anew; so often in vain. */
    long unrelayAt = NEVER;

    int unrelayed;

    /** When the application last sent or got something; how much it does, in messages. */
    long activeAt;

    boolean active;
    double activity;

    /** Of its last attempt that saw all. */
    @Nullable Evidence evidence;

    final Inflow inflow = new Inflow();

    Way(Member member, boolean polite, boolean here, long retryAt) {
        this.member = member;
        this.polite = polite;
        this.here = here;
        this.retryAt = retryAt;
    }

    boolean isRelayed() {
        return relayed || relayedThere;
    }

    /** Another message, or some. */
    void used(long now) {
        activity = 1 + activity(now);
        activeAt = now;
        active = true;
    }

    /** What it has done goes on with another incarnation of the peer. */
    void inherit(Way before) {
        activeAt = before.activeAt;
        active = before.active;
        activity = before.activity;
    }

    double activity(long now) {
        if (activity == 0) return 0;
        return activity * Math.pow(0.5, (double) (now - activeAt) / ACTIVITY_NANOS);
    }

    /** Forgets what was of a connection. */
    void reset() {
        open = false;
        giveUpAt = NEVER;
        restartAt = NEVER;
        unrelayAt = NEVER;
        inflow.clear();
    }

    long deadline() {
        return Math.min(Math.min(giveUpAt, restartAt), unrelayAt);
    }
}
