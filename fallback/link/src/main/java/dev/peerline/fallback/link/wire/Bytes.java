package dev.peerline.fallback.link.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A run of bytes that nobody changes: a value, and a view that costs no copy. The array below may
 * be larger than what is seen of it; {@link #compact} lets go of the rest. Thread-safe.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    /** More than this says nothing to a reader of a failed test. */
    private static final int SHOWN_BYTES = 64;

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    /** All of an array, not copied: it is given away and not written to again. */
    public static Bytes of(byte... array) {
        return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
    }

    /** A part of an array, not copied: it is given away and not written to again. */
    public static Bytes view(byte[] array, int offset, int length) {
        if (offset < 0 || length < 0 || offset > array.length - length) {
            throw new IllegalArgumentException(
                    "offset %d and length %d must lie in %d bytes"
                            .formatted(offset, length, array.length));
        }
        return length == 0 ? EMPTY : new Bytes(array, offset, length);
    }

    public static Bytes utf8(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    public int length() {
        return length;
    }

    public byte at(int index) {
        if (index < 0 || index >= length) {
            throw new IndexOutOfBoundsException(index + " of " + length);
        }
        return array[offset + index];
    }

    /** The same bytes in an array of just their size; this, when it is so already. */
    public Bytes compact() {
        return length == array.length ? this : of(toArray());
    }

    public byte[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    /** Copies all bytes to a place in an array. */
    public void copyTo(byte[] target, int at) {
        System.arraycopy(array, offset, target, at, length);
    }

    /** The bytes to read from, not copied. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }

    WireReader reader() {
        return new WireReader(array, offset, length);
    }

    /** A part, not copied. */
    public Bytes slice(int from, int size) {
        Objects.checkFromIndexSize(from, size, length);
        return view(array, offset + from, size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + length,
                        that.array,
                        that.offset,
                        that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < length; i++) hash = 31 * hash + array[offset + i];
        return hash;
    }

    /** Hexadecimal, shortened. */
    @Override
    public String toString() {
        int shown = Math.min(length, SHOWN_BYTES);
        String hex = HexFormat.of().formatHex(array, offset, offset + shown);
        return shown == length ? hex : hex + "… (" + length + " bytes)";
    }
}
