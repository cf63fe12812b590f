package dev.peerline.fallback.http.topics;

import io.undertow.util.StatusCodes;

/** Why a request about a topic is refused: stable names for programs. */
public enum TopicError {
    /** The name is no topic, or a pattern where one topic is needed. */
    BAD_TOPIC(StatusCodes.BAD_REQUEST),
    /** {@code after} or {@code Last-Event-ID} is no cursor. */
    BAD_CURSOR(StatusCodes.BAD_REQUEST),
    /** A parameter or header is not what it should be. */
    BAD_REQUEST(StatusCodes.BAD_REQUEST),
    /** A token is missing, or worth nothing. */
    UNAUTHORIZED(StatusCodes.UNAUTHORIZED),
    /** The token has ended. */
    TOKEN_EXPIRED(StatusCodes.UNAUTHORIZED),
    /** The token is for other topics. */
    FORBIDDEN_SCOPE(StatusCodes.FORBIDDEN),
    /** Only GET and POST. */
    METHOD_NOT_ALLOWED(StatusCodes.METHOD_NOT_ALLOWED),
    /** The body is larger than a message may be. */
    MESSAGE_TOO_LARGE(StatusCodes.REQUEST_ENTITY_TOO_LARGE),
    /** Messages are kept as they come: they are not to be compressed. */
    UNSUPPORTED_ENCODING(StatusCodes.UNSUPPORTED_MEDIA_TYPE),
    /** Too much in too little time. */
    RATE_LIMITED(StatusCodes.TOO_MANY_REQUESTS),
    /** There are as many topics as there may be. */
    TOO_MANY_TOPICS(StatusCodes.TOO_MANY_REQUESTS),
    /** There are as many idempotency keys as there may be. */
    TOO_MANY_KEYS(StatusCodes.TOO_MANY_REQUESTS),
    /** Too many readers at one time, of one address or token or in all. */
    TOO_MANY_READERS(StatusCodes.TOO_MANY_REQUESTS),
    /** The server cannot write to its disk. */
    STORAGE(StatusCodes.SERVICE_UNAVAILABLE),
    /** The server is going down. */
    GOING_AWAY(StatusCodes.SERVICE_UNAVAILABLE),
    /** A fault of the server. */
    INTERNAL(StatusCodes.INTERNAL_SERVER_ERROR);

    private final int status;

    TopicError(int status) {
        this.status = status;
    }

    /** The HTTP status that goes with it. */
    public int status() {
        return status;
    }
}
