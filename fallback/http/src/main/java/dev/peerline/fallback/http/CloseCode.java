package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.ErrorCode;

/**
 * WebSocket close codes: docs/protocol.md, section 2. Those of 4400 and more say what was wrong.
 */
public final class CloseCode {
    /** The client said {@code BYE}, or closed. */
    public static final int DONE = 1000;

    /** A fault of the server's own: RFC 6455 §7.4.1. */
    public static final int INTERNAL = 1011;

    /** A newer carrier of the same session took over. */
    public static final int TAKEN_OVER = 4000;

    /** {@code MOVE} came before it. */
    public static final int GOING_AWAY = 4001;

    private CloseCode() {}

    /** The code that follows an {@code ERROR}. */
    public static int of(ErrorCode code) {
        return switch (code) {
            case BAD_FRAME, BAD_HELLO, VERSION -> 4400;
            case UNAUTHORIZED, TOKEN_EXPIRED -> 4401;
            case FORBIDDEN_ORIGIN, FORBIDDEN_HOST -> 4403;
            case SILENT -> 4408;
            case REPLACED -> 4409;
            case MESSAGE_TOO_LARGE -> 4413;
            case ROOM_FULL,
                    TOO_MANY_ROOMS,
                    TOO_MANY_CONNECTIONS,
                    RATE_LIMITED,
                    SLOW_READER,
                    STORAGE ->
                    4429;
            case NO_SESSION, OVERTAKEN -> TAKEN_OVER;
            case GOING_AWAY -> GOING_AWAY;
            case INTERNAL -> INTERNAL;
        };
    }
}
