package dev.peerline.fallback.link.wire;

/**
 * What a session's way down runs on, as peers tell each other: docs/protocol.md, section 2. The
 * numbers are those of the kinds of paths; 1 and 2 never go through the server.
 */
public enum CarrierKind {
    /** None yet, or one that this version does not know. */
    NONE(0),
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
