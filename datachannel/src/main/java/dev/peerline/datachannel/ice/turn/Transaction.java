package dev.peerline.datachannel.ice.turn;

import org.jspecify.annotations.Nullable;

/** A request that has no answer yet. */
final class Transaction {
    /**
     * RFC 8489 §6.2.1 says 500 ms where nothing is known of the path; doubles up to 8 times that.
     */
    static final long FIRST_WAIT_NANOS = 250_000_000;

    static final long LONGEST_WAIT_NANOS = 2_000_000_000;

    /** 401 and 438 are answered with new credentials so many times. */
    static final int MAX_CHALLENGES = 3;

    final int method;
    final Peers.@Nullable Peer peer;
    final long endNanos;
    int idHigh;
    long idLow;
    long lifetimeSeconds = -1;
    int challenges;
    boolean signed;
    long waitNanos = FIRST_WAIT_NANOS;
    long sendAtNanos;

    Transaction(int method, Peers.@Nullable Peer peer, long nowNanos, long timeoutNanos) {
        this.method = method;
        this.peer = peer;
        endNanos = nowNanos + timeoutNanos;
        sendAtNanos = nowNanos;
    }
}
