package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

/**
 * Where the reading of a topic begins: docs/protocol.md, section 8.
 *
 * @param fromOldest without a cursor: with the oldest message that is kept, or with what comes from
 *     now on
 * @param cursor after it; null for none
 */
public record TopicPlace(boolean fromOldest, @Nullable Cursor cursor) {
    /** What comes from now on. */
    public static final TopicPlace NOW = new TopicPlace(false, null);

    /** From the oldest message that is kept. */
    public static final TopicPlace OLDEST = new TopicPlace(true, null);

    private static final int AFTER_KIND = 2;

    public static TopicPlace after(Cursor cursor) {
        return new TopicPlace(false, cursor);
    }

    static TopicPlace read(WireReader reader) {
        long kind = reader.varint();
        if (kind == AFTER_KIND) return after(new Cursor(reader.varint(), reader.varint()));
        if (kind > AFTER_KIND) reader.fail("place " + kind);
        return kind == 0 ? NOW : OLDEST;
    }

    void write(WireWriter writer) {
        Cursor at = cursor;
        if (at == null) writer.varint(fromOldest ? 1 : 0);
        else writer.varint(AFTER_KIND).varint(at.epoch()).varint(at.offset());
    }
}
