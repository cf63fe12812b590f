package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

/** Cursors, and the ids of messages, as they stand in URLs, headers and JSON. */
public final class CursorText {
    /** Both numbers are below 2^53, and so of 16 digits at most. */
    private static final int MAX_DIGITS = 16;

    private CursorText() {}

    public static String of(Cursor cursor) {
        return cursor.epoch() + "-" + cursor.offset();
    }

    /** Null for text that is no cursor. */
    public static @Nullable Cursor parse(String text) {
        // By hand: every poll has one.
        int dash = text.indexOf('-');
        if (dash < 0) return null;
        long epoch = number(text, 0, dash);
        long offset = number(text, dash + 1, text.length());
        return epoch < 0 || offset < 0 ? null : new Cursor(epoch, offset);
    }

    /** Digits alone; -1 for anything else. */
    private static long number(String text, int from, int to) {
        if (from == to || to - from > MAX_DIGITS) return -1;
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            number = 10 * number + digit;
        }
        return number;
    }
}
