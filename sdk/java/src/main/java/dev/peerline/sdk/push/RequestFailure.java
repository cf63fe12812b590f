package dev.peerline.sdk.push;

import dev.peerline.sdk.PeerlineException;

import java.time.Duration;

/** Why a request was of no use. */
public final class RequestFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final PeerlineException why;
    private final Kind kind;
    private final Duration retryAfter;

    /** How it failed. */
    public enum Kind {
        /** The server said so. */
        REFUSED,
        /** There was no connection, or nobody to say a word. */
        UNREACHABLE,
        /** It was sent, and its answer did not come, or not whole. */
        LOST
    }

    RequestFailure(PeerlineException why, Kind kind, Duration retryAfter) {
        super(why);
        this.why = why;
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public PeerlineException why() {
        return why;
    }

    public Kind kind() {
        return kind;
    }

    /** How long the server wants to be left alone; zero where it did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
