package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.Nullable;

/**
 * What a parser found.
 *
 * @param <T> the chunk
 */
public sealed interface Parsed<T> {
    /** A well-formed chunk. */
    record Good<T>(T value) implements Parsed<T> {}

    /** Bytes that are none. */
    record Bad<T>(Malformed why) implements Parsed<T> {}

    static <T> Parsed<T> good(T value) {
        return new Good<>(value);
    }

    static <T> Parsed<T> bad(Malformed why) {
        return new Bad<>(why);
    }

    /** The chunk, or null when the bytes were malformed. */
    default @Nullable T orNull() {
        return this instanceof Good<T>(T value) ? value : null;
    }
}
