package dev.peerline.fallback.link.wire;

import java.util.Arrays;

/** Writes primitives and frames into an array that grows. Not thread-safe. */
public final class WireWriter {
    private static final int FIRST_BYTES = 256;

    private byte[] array;
    private int size;

    public WireWriter() {
        this(FIRST_BYTES);
    }

    /**
     * @param bytes how much will be written, roughly
     */
    public WireWriter(int bytes) {
        array = new byte[bytes];
    }

    public int size() {
        return size;
    }

    /** What was written; the writer is empty after it. */
    public Bytes take() {
        Bytes written = Bytes.view(array, 0, size);
        array = new byte[0];
        size = 0;
        return written;
    }

    /** Appends a frame. */
    public WireWriter frame(Frame frame) {
        varint(frame.type());
        int start = size;
        frame.writeBody(this);
        insertLength(start);
        return this;
    }

    /** Appends an {@code ENTRY} whose content is encoded already, in two parts. */
    public WireWriter entry(long log, long offset, Bytes header, Bytes body) {
        int length = varintBytes(log) + varintBytes(offset) + header.length() + body.length();
        reserve(length + 2 * Long.BYTES);
        return varint(DownFrame.Entry.TYPE)
                .varint(length)
                .varint(log)
                .varint(offset)
                .raw(header)
                .raw(body);
    }

    public WireWriter varint(long value) {
        if (value < 0 || value > WireReader.MAX_VARINT) {
            throw new IllegalArgumentException("varint must be 0 to 2^53-1, not " + value);
        }
        reserve(Long.BYTES);
        putVarint(size, value);
        size += varintBytes(value);
        return this;
    }

    /** The bytes without their length. */
    public WireWriter raw(Bytes bytes) {
        reserve(bytes.length());
        bytes.copyTo(array, size);
        size += bytes.length();
        return this;
    }

    WireWriter bytes(Bytes bytes) {
        return varint(bytes.length()).raw(bytes);
    }

    WireWriter text(String text) {
        return bytes(Bytes.utf8(text));
    }

    WireWriter id(Id id) {
        reserve(Id.BYTES);
        int64(id.high());
        int64(id.low());
        return this;
    }

    /** How many bytes a number takes. */
    public static int varintBytes(long value) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(value | 1);
        return (bits + 6) / 7;
    }

    private void int64(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) array[size++] = (byte) (value >>> shift);
    }

    /** Puts the length of what was written since the start in front of it. */
    private void insertLength(int start) {
        int length = size - start;
        int shift = varintBytes(length);
        reserve(shift);
        System.arraycopy(array, start, array, start + shift, length);
        putVarint(start, length);
        size += shift;
    }

    private void putVarint(int at, long value) {
        long left = value;
        int place = at;
        for (; left > 0x7f; left >>>= 7) array[place++] = (byte) (left | 0x80);
        array[place] = (byte) left;
    }

    private void reserve(int bytes) {
        if (array.length - size >= bytes) return;
        array =
                Arrays.copyOf(
                        array, Math.max(FIRST_BYTES, Math.max(array.length * 2, size + bytes)));
    }
}
