package dev.peerline.fallback.link.ladder;

/** What a session may run on, the best first. */
public enum Rung {
    DATA_CHANNEL,
    WEBSOCKET,
    SSE,
    LONG_POLL,
    POLL;

    /** Whether packets go both ways, and {@code HELLO} when it is open; else a request is it. */
    public boolean isDuplex() {
        return this == DATA_CHANNEL || this == WEBSOCKET;
    }

    boolean outranks(Rung other) {
        return compareTo(other) < 0;
    }
}
