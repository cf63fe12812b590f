package dev.peerline.datachannel.sctp.chunk;

import java.util.Arrays;

/**
 * Goes through parameters, or error causes, inside a chunk (RFC 9260 §3.2.1).
 *
 * <pre>
 * +-------------------------------+-------------------------------+
 * |        Parameter Type         |       Parameter Length        |
 * +-------------------------------+-------------------------------+
 * |                        Parameter Value                        |
 * </pre>
 */
final class ParameterCursor {
    private static final int HEADER_BYTES = 4;

    private final byte[] bytes;
    private final int limit;
    private int start;
    private int end;
    private int nextStart;

    ParameterCursor(byte[] bytes, int from, int limit) {
        this.bytes = bytes;
        this.limit = limit;
        this.start = from;
        this.end = from;
        this.nextStart = from;
    }

    boolean next() {
        if (limit - nextStart < HEADER_BYTES) return false;
        int length = Bytes.u16(bytes, nextStart + 2);
        if (length < HEADER_BYTES || length > limit - nextStart) return false;
        start = nextStart;
        end = start + length;
        nextStart = Math.min(limit, start + Bytes.padded(length));
        return true;
    }

    /** After {@link #next} said false: whether bytes are left that are no parameter. */
    boolean malformed() {
        return nextStart < limit;
    }

    int type() {
        return Bytes.u16(bytes, start);
    }

    int valueStart() {
        return start + HEADER_BYTES;
    }

    int valueLength() {
        return end - start - HEADER_BYTES;
    }

    byte[] value() {
        return Arrays.copyOfRange(bytes, valueStart(), end);
    }

    byte[] whole() {
        return Arrays.copyOfRange(bytes, start, end);
    }

    /** RFC 9260 §3.2.2: the two highest bits of a type that the receiver does not know. */
    boolean stopsProcessing() {
        return (type() & 0x8000) == 0;
    }

    boolean wantsReport() {
        return (type() & 0x4000) != 0;
    }
}
