package dev.peerline.fallback.grpc;

import io.grpc.Status;

/** Why a call, or a request on a stream, is refused: the names that HTTP has too. */
public enum PushError {
    /** The name is no topic, or a pattern where one topic is needed. */
    BAD_TOPIC(Status.Code.INVALID_ARGUMENT),
    /** {@code after} is no cursor. */
    BAD_CURSOR(Status.Code.INVALID_ARGUMENT),
    /** A field is not what it should be. */
    BAD_REQUEST(Status.Code.INVALID_ARGUMENT),
    /** A token is missing, or worth nothing. */
    UNAUTHORIZED(Status.Code.UNAUTHENTICATED),
    /** The token has ended. */
    TOKEN_EXPIRED(Status.Code.UNAUTHENTICATED),
    /** The token is for other topics. */
    FORBIDDEN_SCOPE(Status.Code.PERMISSION_DENIED),
    /** This server does not answer for that authority. */
    FORBIDDEN_HOST(Status.Code.PERMISSION_DENIED),
    /** Pages of that origin may not use this server. */
    FORBIDDEN_ORIGIN(Status.Code.PERMISSION_DENIED),
    /** The data is larger than a message may be. */
    MESSAGE_TOO_LARGE(Status.Code.RESOURCE_EXHAUSTED),
    /** Too much in too little time. */
    RATE_LIMITED(Status.Code.RESOURCE_EXHAUSTED),
    /** There are as many topics as there may be. */
    TOO_MANY_TOPICS(Status.Code.RESOURCE_EXHAUSTED),
    /** There are as many idempotency keys as there may be. */
    TOO_MANY_KEYS(Status.Code.RESOURCE_EXHAUSTED),
    /** Too many readers at one time, of one address or token or in all. */
    TOO_MANY_READERS(Status.Code.RESOURCE_EXHAUSTED),
    /** The server cannot write to its disk. */
    STORAGE(Status.Code.UNAVAILABLE),
    /** The server is going down. */
    GOING_AWAY(Status.Code.UNAVAILABLE),
    /** A fault of the server. */
    INTERNAL(Status.Code.INTERNAL);

    private final Status.Code status;

    PushError(Status.Code status) {
        this.status = status;
    }

    Status.Code status() {
        return status;
    }
}
