package dev.peerline.fallback.link.wire;

/** What came of reading: a value, or why there is none. */
public sealed interface Parsed<T> {
    /** It was well-formed. */
    record Good<T>(T value) implements Parsed<T> {}

    /**
     * It was not.
     *
     * @param code {@code BAD_FRAME}, {@code BAD_HELLO} or {@code VERSION}
     * @param problem what and where, for a developer
     */
    record Bad<T>(ErrorCode code, String problem) implements Parsed<T> {}
}
