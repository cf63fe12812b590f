package dev.peerline.fallback.link.ladder;

/** What a session may run on, the best first. */
public enum Rung {
    WEBSOCKET,
    SSE,
    LONG_POLL,
    POLL;

    boolean outranks(Rung other) {
        return compareTo(other) < 0;
    }
}
