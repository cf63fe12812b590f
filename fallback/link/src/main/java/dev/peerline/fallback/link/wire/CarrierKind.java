package dev.peerline.fallback.link.wire;

/**
 * What a session's way down runs on, as peers tell each other: docs/protocol.md, section 2; but for
 * {@link #NONE}, the best first.
 */
public enum CarrierKind {
    /** None yet, or one that this version does not know. */
    NONE(0),
    /** To the server itself, as one that is a peer. */
    DATA_CHANNEL(2),
    WEBSOCKET(3),
    SSE(4),
    LONG_POLL(5),
    POLL(6);

    private final int number;

    CarrierKind(int number) {
        this.number = number;
    }

    /** On the wire. */
    public int number() {
        return number;
    }

    static CarrierKind of(long number) {
        for (CarrierKind kind : values()) {
            if (kind.number == number) return kind;
        }
        return NONE;
    }
}
