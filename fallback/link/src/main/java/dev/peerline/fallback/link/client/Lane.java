package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

/** One carrier of a session, or one that is to be. Not thread-safe. */
final class Lane {
    final int number;
    final ClientSession.Way way;

    /** That of its last {@code HELLO}; 0 before the first. */
    long attempt;

    /** When it was opened, or its reading was last asked for. */
    long atNanos;

    /** What its last {@code HELLO} named: the lowest number, how far was read, the token. */
    long base = 1;

    /** The highest subscription that its last {@code HELLO} listed. */
    long listed;

    @Nullable Cursor cursor;
    @Nullable String token;

    Lane(int number, ClientSession.Way way, long atNanos) {
        this.number = number;
        this.way = way;
        this.atNanos = atNanos;
    }
}
