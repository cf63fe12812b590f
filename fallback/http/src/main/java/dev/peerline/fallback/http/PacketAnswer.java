package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/**
 * Answers that are packets: docs/protocol.md, section 6. A client tells by their type that no proxy
 * or portal gave them.
 */
public final class PacketAnswer {
    /** The media type of packets, both ways. */
    public static final String TYPE = "application/vnd.peerline.packet";

    static final String NOT_STORED = "no-store, no-transform";
    private static final long SECOND_MILLIS = 1_000;

    private PacketAnswer() {}

    /** Refuses a request in the way that clients of {@code /v1/link} understand. */
    public static void refuse(HttpServerExchange exchange, Refusal refusal) {
        send(exchange, refusal, refusal.encode());
    }

    /**
     * Refuses a request.
     *
     * @param packet ends with the refusal
     */
    static void send(HttpServerExchange exchange, Refusal refusal, Bytes packet) {
        long waitMillis = refusal.retryAfterMillis();
        if (waitMillis > 0) {
            long seconds = (waitMillis + SECOND_MILLIS - 1) / SECOND_MILLIS;
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds);
        }
        send(exchange, status(refusal.knownCode()), packet);
    }

    /** Answers with a packet; the exchange ends when it has left. */
    static void send(HttpServerExchange exchange, int status, Bytes packet) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, TYPE);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, NOT_STORED);
        exchange.setResponseContentLength(packet.length());
        exchange.getResponseSender().send(packet.buffer(), IoCallback.END_EXCHANGE);
    }

    /** The status that goes with a code. */
    static int status(ErrorCode code) {
        return switch (code) {
            case BAD_FRAME, BAD_HELLO, VERSION -> StatusCodes.BAD_REQUEST;
            case UNAUTHORIZED, TOKEN_EXPIRED -> StatusCodes.UNAUTHORIZED;
            case FORBIDDEN_ORIGIN, FORBIDDEN_HOST -> StatusCodes.FORBIDDEN;
            case REPLACED -> StatusCodes.CONFLICT;
            // Nobody's fault where carriers race, and a browser calls each 4xx an error of the
            // page.
            case NO_SESSION, OVERTAKEN -> StatusCodes.OK;
            case MESSAGE_TOO_LARGE -> StatusCodes.REQUEST_ENTITY_TOO_LARGE;
            case ROOM_FULL,
                    TOO_MANY_ROOMS,
                    TOO_MANY_CONNECTIONS,
                    RATE_LIMITED,
                    SLOW_READER,
                    SILENT ->
                    StatusCodes.TOO_MANY_REQUESTS;
            case GOING_AWAY, STORAGE -> StatusCodes.SERVICE_UNAVAILABLE;
            case INTERNAL -> StatusCodes.INTERNAL_SERVER_ERROR;
        };
    }
}
