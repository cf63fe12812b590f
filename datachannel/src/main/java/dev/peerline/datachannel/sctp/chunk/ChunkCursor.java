package dev.peerline.datachannel.sctp.chunk;

import java.util.Arrays;

/**
 * Goes through the chunks of one packet (RFC 9260 §3.2).
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |  Chunk Type   |  Chunk Flags  |          Chunk Length         |
 * +---------------+---------------+-------------------------------+
 * |                          Chunk Value                          |
 * </pre>
 *
 * <p>Not thread-safe; one object serves all packets.
 */
public final class ChunkCursor {
    public static final int HEADER_BYTES = 4;

    private byte[] bytes = new byte[0];
    private int start;
    private int end;
    private int nextStart;
    private int limit;

    /** Sets the cursor before the first of the chunks that fill {@code offset} to {@code limit}. */
    public ChunkCursor wrap(byte[] packet, int offset, int limit) {
        this.bytes = packet;
        this.start = offset;
        this.end = offset;
        this.nextStart = offset;
        this.limit = limit;
        return this;
    }

    /** Moves to the next chunk; false at the end, or where a length cannot be true. */
    public boolean next() {
        if (limit - nextStart < HEADER_BYTES) return false;
        int length = Bytes.u16(bytes, nextStart + 2);
        if (length < HEADER_BYTES || length > limit - nextStart) return false;
        start = nextStart;
        end = start + length;
        // The padding of the last chunk may be missing.
        nextStart = Math.min(limit, start + Bytes.padded(length));
        return true;
    }

    /** After {@link #next} said false: whether bytes are left that are no chunk. */
    public boolean leftOver() {
        return nextStart < limit;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int type() {
        return Bytes.u8(bytes, start);
    }

    public int flags() {
        return Bytes.u8(bytes, start + 1);
    }

    /** Where the chunk begins: its type. */
    public int start() {
        return start;
    }

    /** Where its value begins. */
    public int valueStart() {
        return start + HEADER_BYTES;
    }

    /** Where its value ends, without padding. */
    public int end() {
        return end;
    }

    public int valueLength() {
        return end - start - HEADER_BYTES;
    }

    /** A copy of the value. */
    public byte[] value() {
        return Arrays.copyOfRange(bytes, valueStart(), end);
    }

    /** A copy of the whole chunk, header included. */
    public byte[] chunk() {
        return Arrays.copyOfRange(bytes, start, end);
    }
}
