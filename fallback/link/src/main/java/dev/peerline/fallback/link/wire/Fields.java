package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

/**
 * Values by ascending tags, as {@code HELLO} and its like have them. A tag that nobody asks for is
 * ignored, so that later versions can add some. What is wrong with a value fails the reader that
 * the fields came from. Not thread-safe.
 */
final class Fields {
    private final WireReader reader;
    private final long[] tags;
    private final Bytes[] values;

    private Fields(WireReader reader, int count) {
        this.reader = reader;
        tags = new long[count];
        values = new Bytes[count];
    }

    static Fields read(WireReader reader) {
        Fields fields = new Fields(reader, reader.count(2));
        for (int i = 0; i < fields.tags.length; i++) {
            fields.tags[i] = reader.varint();
            fields.values[i] = reader.bytes();
            if (i > 0 && fields.tags[i] <= fields.tags[i - 1]) reader.fail("tags do not ascend");
        }
        return fields;
    }

    boolean has(int tag) {
        return bytes(tag) != null;
    }

    @Nullable Bytes bytes(int tag) {
        for (int i = 0; i < tags.length; i++) {
            if (tags[i] == tag) return values[i];
        }
        return null;
    }

    @Nullable String text(int tag) {
        Bytes value = bytes(tag);
        if (value == null) return null;
        WireReader inner = value.reader();
        String text = inner.restAsText();
        if (!inner.ok()) reader.fail("field " + tag + " is not UTF-8");
        return text;
    }

    long number(int tag, long absent) {
        Bytes value = bytes(tag);
        if (value == null) return absent;
        WireReader inner = value.reader();
        long number = inner.varint();
        if (!inner.ok() || !inner.atEnd()) reader.fail("field " + tag + " is not a number");
        return number;
    }

    /** Collects fields and then writes them behind their count. Not thread-safe. */
    static final class Writer {
        private final WireWriter body = new WireWriter();
        private int count;

        Writer bytes(int tag, @Nullable Bytes value) {
            if (value == null) return this;
            count++;
            body.varint(tag).bytes(value);
            return this;
        }

        Writer text(int tag, @Nullable String value) {
            return value == null ? this : bytes(tag, Bytes.utf8(value));
        }

        Writer number(int tag, long value) {
            count++;
            body.varint(tag).varint(WireWriter.varintBytes(value)).varint(value);
            return this;
        }

        void writeTo(WireWriter writer) {
            writer.varint(count).raw(body.take());
        }
    }
}
