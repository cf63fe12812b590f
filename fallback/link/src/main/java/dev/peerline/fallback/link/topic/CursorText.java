package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cursors, and the ids of messages, as they stand in URLs, headers and JSON. */
public final class CursorText {
    /** Both numbers are below 2^53, and so of 16 digits at most. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,16})-([0-9]{1,16})");

    private CursorText() {}

    public static String of(Cursor cursor) {
        return cursor.epoch() + "-" + cursor.offset();
    }

    /** Null for text that is no cursor. */
    public static @Nullable Cursor parse(String text) {
        Matcher matcher = CURSOR.matcher(text);
        if (!matcher.matches()) return null;
        return new Cursor(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }
}
