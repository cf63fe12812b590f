package dev.peerline.server.token;

/** What came of looking at a token. */
public sealed interface Verdict {
    /** The token is one of ours, and has not ended. */
    record Accepted(Claims claims) implements Verdict {}

    /**
     * It is worth nothing.
     *
     * @param code {@code UNAUTHORIZED} or {@code TOKEN_EXPIRED}
     * @param message for a human; nothing of the token in it
     */
    record Refused(String code, String message) implements Verdict {}
}
