package dev.peerline.fallback.link.wire;

/**
 * Why a server ends a carrier, in the words of the {@code ERROR} frame. The names are the wire's
 * and never change; see docs/protocol.md, section 5.
 */
public enum ErrorCode {
    /** What came is no frame, or not in this place. */
    BAD_FRAME(false),
    /** A first frame that is no {@code HELLO}, or one that lacks something or exceeds a length. */
    BAD_HELLO(false),
    /** A version of the protocol that this server does not speak. */
    VERSION(false),
    /** No token where one is needed, a wrong one, or one without the scope. */
    UNAUTHORIZED(false),
    /** The token was good until now. */
    TOKEN_EXPIRED(false),
    /** The page comes from an origin that may not use this server. */
    FORBIDDEN_ORIGIN(false),
    /** The request names a host that this server is not. */
    FORBIDDEN_HOST(false),
    /** A newer incarnation of the same peer is here. */
    REPLACED(false),
    /** The room has all the peers it may have. */
    ROOM_FULL(true),
    /** The server has all the rooms it may have. */
    TOO_MANY_ROOMS(true),
    /** This address or token, or the server, has all the connections it may have. */
    TOO_MANY_CONNECTIONS(true),
    /** More frames, or more attempts to connect, than are allowed in this time. */
    RATE_LIMITED(true),
    /** A packet or a message over its limit. */
    MESSAGE_TOO_LARGE(false),
    /** The reader takes nothing while much waits for it. */
    SLOW_READER(true),
    /** Nothing was heard for three ping intervals. */
    SILENT(true),
    /** A POST for a session that is not here: a way down has to greet first. */
    NO_SESSION(true),
    /** A {@code HELLO} that a later carrier of the same session was faster than. */
    OVERTAKEN(false),
    /** The server cannot keep what it would take: its disk is full, broken or too slow. */
    STORAGE(true),
    /** This server is going down. */
    GOING_AWAY(true),
    /** A fault of the server's own. */
    INTERNAL(true);

    private final boolean retriable;

    ErrorCode(boolean retriable) {
        this.retriable = retriable;
    }

    /** Whether the same attempt may succeed later. */
    public boolean retriable() {
        return retriable;
    }
}
