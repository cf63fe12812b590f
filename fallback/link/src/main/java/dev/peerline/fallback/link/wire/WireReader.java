package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * Reads primitives. The first thing that is wrong is remembered, everything after it reads as
 * nothing, and the caller asks once, at the end. Not thread-safe.
 */
final class WireReader {
    /** 2^53−1: what a JavaScript number holds exactly. */
    static final long MAX_VARINT = (1L << 53) - 1;

    private static final int MAX_VARINT_BYTES = 8;

    private final byte[] array;
    private int position;
    private int limit;
    private @Nullable String problem;
    private ErrorCode code = ErrorCode.BAD_FRAME;

    WireReader(byte[] array, int offset, int length) {
        this.array = array;
        position = offset;
        limit = offset + length;
    }

    boolean ok() {
        return problem == null;
    }

    boolean atEnd() {
        return position == limit;
    }

    /** The value if all was well. */
    <T> Parsed<T> result(T value) {
        return problem == null ? new Parsed.Good<>(value) : new Parsed.Bad<>(code, problem);
    }

    void fail(String what) {
        fail(ErrorCode.BAD_FRAME, what);
    }

    void fail(ErrorCode why, String what) {
        if (problem == null) {
            problem = what;
            code = why;
        }
        position = limit;
    }

    /** Narrows the reader to the next bytes; returns what {@link #leave} needs. */
    int enter(int length) {
        int outer = limit;
        limit = position + length;
        return outer;
    }

    /** Ends what {@link #enter} began: all of it must have been read. */
    void leave(int outerLimit) {
        if (position != limit) fail("bytes left over");
        limit = outerLimit;
        if (!ok()) position = limit;
    }

    long varint() {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            if (position == limit) return missing("varint");
            byte next = array[position++];
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) return value <= MAX_VARINT ? value : missing("varint below 2^53");
        }
        return missing("varint of at most 8 bytes");
    }

    /** A length or a number of things, each of at least so many of the bytes that are left. */
    int count(int minBytesEach) {
        long count = varint();
        if (count <= (limit - position) / minBytesEach) return (int) count;
        return missing(count + " × " + minBytesEach + " bytes");
    }

    Bytes bytes() {
        return take(count(1));
    }

    Bytes rest() {
        return take(limit - position);
    }

    Bytes bytes(int maxBytes) {
        return atMost(maxBytes, bytes());
    }

    Bytes rest(int maxBytes) {
        return atMost(maxBytes, rest());
    }

    String text() {
        return utf8(bytes());
    }

    String restAsText() {
        return utf8(rest());
    }

    Id id() {
        if (limit - position < Id.BYTES) {
            missing("id");
            return new Id(0, 0);
        }
        return new Id(int64(), int64());
    }

    private Bytes take(int length) {
        Bytes taken = Bytes.view(array, position, length);
        position += length;
        return taken;
    }

    private Bytes atMost(int maxBytes, Bytes bytes) {
        if (bytes.length() > maxBytes) fail(bytes.length() + " bytes, over " + maxBytes);
        return bytes;
    }

    private String utf8(Bytes bytes) {
        byte[] raw = bytes.toArray();
        String text = new String(raw, StandardCharsets.UTF_8);
        // The decoder puts U+FFFD for what is no UTF-8; then it does not encode to the same again.
        if (text.indexOf('\uFFFD') >= 0 && !Bytes.utf8(text).equals(bytes)) fail("not UTF-8");
        return text;
    }

    private long int64() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) value = (value << 8) | (array[position++] & 0xff);
        return value;
    }

    private int missing(String what) {
        fail("no " + what);
        return 0;
    }
}
