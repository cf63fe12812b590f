package dev.peerline.signaling.messages;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads {@code fields} (docs/protocol.md, section 1). Small enough to stand here once more: this
 * module depends on nothing, so that anybody can take it along. The first thing that is wrong is
 * remembered. Not thread-safe.
 */
final class FieldReader {
    /** The highest tag that is known here, and one more. */
    private static final int TAGS = Tag.REASON + 1;

    private static final int MAX_VARINT_BYTES = 8;
    private static final long MAX_VARINT = (1L << 53) - 1;

    private final @Nullable ByteBuffer[] values = new @Nullable ByteBuffer[TAGS];
    private @Nullable String problem;

    FieldReader(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        long count = varint(source);
        long last = -1;
        for (long i = 0; i < count && problem == null; i++) {
            long tag = varint(source);
            ByteBuffer value = slice(source, varint(source));
            if (tag <= last) fail("tags do not ascend");
            last = tag;
            // An unknown tag is of a later version.
            if (tag < TAGS) values[(int) tag] = value;
        }
        if (source.hasRemaining()) fail("bytes left over");
    }

    @Nullable String problem() {
        return problem;
    }

    void fail(String what) {
        if (problem == null) problem = what;
    }

    boolean has(int tag) {
        return values[tag] != null;
    }

    /** The number of a field; 0 when it is not there. */
    long number(int tag) {
        ByteBuffer value = values[tag];
        if (value == null) return 0;
        ByteBuffer own = value.duplicate();
        long number = varint(own);
        if (own.hasRemaining()) fail("field " + tag + " is not a number");
        return number;
    }

    @Nullable String text(int tag) {
        ByteBuffer value = values[tag];
        if (value == null) return null;
        if (value.remaining() > Signal.MAX_TEXT_BYTES) fail("field " + tag + " is too long");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(value.duplicate()).toString();
        } catch (CharacterCodingException _) {
            fail("field " + tag + " is not UTF-8");
            return null;
        }
    }

    private ByteBuffer slice(ByteBuffer source, long length) {
        if (length > source.remaining()) {
            fail("a field is cut off");
            return source.slice(source.position(), 0);
        }
        ByteBuffer slice = source.slice(source.position(), (int) length);
        source.position(source.position() + (int) length);
        return slice;
    }

    private long varint(ByteBuffer source) {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES && source.hasRemaining(); i++) {
            byte next = source.get();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0 && value <= MAX_VARINT) return value;
            if (next >= 0) break;
        }
        fail("a malformed number");
        return 0;
    }
}
