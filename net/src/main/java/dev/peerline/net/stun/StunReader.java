package dev.peerline.net.stun;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads one STUN message where it lies (RFC 8489 §5, §14). A reader is used again and again and
 * makes no object; what it says holds until the next {@link #parse} or until the bytes change. Not
 * thread-safe.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |0 0|     STUN Message Type     |         Message Length        |
 * |                         Magic Cookie                          |
 * |                     Transaction ID (96 bits)                  |
 * |         Type                  |            Length             |  attributes, each padded to 4
 * |                         Value (variable)                ....
 * </pre>
 */
public final class StunReader {
    public static final int HEADER_BYTES = 20;
    public static final int MAGIC_COOKIE = 0x2112a442;

    /** No message of any RFC has as many; a crowd of them only costs time. */
    public static final int MAX_ATTRIBUTES = 48;

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final int ATTRIBUTE_HEADER_BYTES = 4;

    private final int[] types = new int[MAX_ATTRIBUTES];
    private final int[] offsets = new int[MAX_ATTRIBUTES];
    private final int[] lengths = new int[MAX_ATTRIBUTES];
    private ByteBuffer buffer = EMPTY;
    private int start;
    private int bytes;
    private int count;

    /**
     * Reads the header and finds the attributes.
     *
     * @param source read by absolute index; position and limit are left alone
     * @param available bytes of the datagram; the message must fill them all
     */
    public StunParse parse(ByteBuffer source, int offset, int available) {
        buffer = source;
        start = offset;
        bytes = 0;
        count = 0;
        if (available < HEADER_BYTES) return StunParse.TOO_SHORT;
        if ((source.get(offset) & 0xc0) != 0 || source.getInt(offset + 4) != MAGIC_COOKIE) {
            return StunParse.NOT_STUN;
        }
        int length = Short.toUnsignedInt(source.getShort(offset + 2));
        if ((length & 3) != 0 || length != available - HEADER_BYTES) return StunParse.BAD_LENGTH;
        bytes = available;
        return indexAttributes();
    }

    private StunParse indexAttributes() {
        int at = start + HEADER_BYTES;
        int end = start + bytes;
        boolean sealed = false; // an integrity attribute was seen
        boolean closed =
                false; // the SHA-256 one or a fingerprint was: nothing but the latter counts
        while (at < end) {
            if (count == MAX_ATTRIBUTES) return StunParse.TOO_MANY_ATTRIBUTES;
            int type = Short.toUnsignedInt(buffer.getShort(at));
            int length = Short.toUnsignedInt(buffer.getShort(at + 2));
            if (length > end - at - ATTRIBUTE_HEADER_BYTES) return StunParse.ATTRIBUTE_OVERRUN;
            boolean sha256 = type == StunAttribute.MESSAGE_INTEGRITY_SHA256;
            boolean fingerprint = type == StunAttribute.FINGERPRINT;
            // RFC 8489 §14.5-14.7: what follows the integrity is not protected, so it is not there
            boolean counts = !sealed || fingerprint || (sha256 && !closed);
            if (counts) {
                types[count] = type;
                offsets[count] = at + ATTRIBUTE_HEADER_BYTES;
                lengths[count] = length;
                count++;
            }
            sealed |= sha256 || fingerprint || type == StunAttribute.MESSAGE_INTEGRITY;
            closed |= sha256 || fingerprint;
            at += ATTRIBUTE_HEADER_BYTES + padded(length);
        }
        return StunParse.OK;
    }

    static int padded(int length) {
        return length + 3 & ~3;
    }

    public ByteBuffer buffer() {
        return buffer;
    }

    public int offset() {
        return start;
    }

    /** Header and attributes together. */
    public int length() {
        return bytes;
    }

    /** The 16 bits that {@link StunType} takes apart. */
    public int type() {
        return Short.toUnsignedInt(buffer.getShort(start));
    }

    public int method() {
        return StunType.method(type());
    }

    public int messageClass() {
        return StunType.messageClass(type());
    }

    /** The first 32 bits of the transaction id. */
    public int transactionHigh() {
        return buffer.getInt(start + 8);
    }

    /** The last 64 bits of the transaction id. */
    public long transactionLow() {
        return buffer.getLong(start + 12);
    }

    public int attributeCount() {
        return count;
    }

    public int attributeType(int index) {
        return types[index];
    }

    /** Where the value begins in {@link #buffer()}. */
    public int valueOffset(int index) {
        return offsets[index];
    }

    /** Bytes of the value without padding. */
    public int valueLength(int index) {
        return lengths[index];
    }

    /**
     * The first attribute of this type, or -1 (RFC 8489 §14: later ones of one type are ignored).
     */
    public int find(int type) {
        for (int i = 0; i < count; i++) if (types[i] == type) return i;
        return -1;
    }

    public boolean has(int type) {
        return find(type) >= 0;
    }

    public byte[] value(int index) {
        byte[] value = new byte[lengths[index]];
        buffer.get(offsets[index], value);
        return value;
    }

    /** The value as UTF-8, malformed parts replaced. */
    public String text(int index) {
        return new String(value(index), StandardCharsets.UTF_8);
    }

    /** A value of exactly 4 bytes as an unsigned number, or -1. */
    public long number(int index) {
        if (lengths[index] != 4) return -1;
        return Integer.toUnsignedLong(buffer.getInt(offsets[index]));
    }

    /**
     * Reads an XOR-…-ADDRESS (RFC 8489 §14.2).
     *
     * @return 4 or 6 for the family it was written in, 0 if it is malformed. An IPv4 address that
     *     was written as an IPv6 one answers 6, and {@code out} then is an IPv4 address.
     */
    public int xorAddress(int index, MutableAddress out) {
        return address(index, MAGIC_COOKIE, transactionHigh(), transactionLow(), out);
    }

    /** Reads an address that is not XORed: MAPPED-ADDRESS, ALTERNATE-SERVER, OTHER-ADDRESS. */
    public int plainAddress(int index, MutableAddress out) {
        return address(index, 0, 0, 0, out);
    }

    private int address(int index, int cookie, int xorHigh, long xorLow, MutableAddress out) {
        int at = offsets[index];
        int length = lengths[index];
        if (length != 8 && length != 20) return 0;
        int family = buffer.get(at + 1);
        int port = Short.toUnsignedInt(buffer.getShort(at + 2)) ^ cookie >>> 16;
        if (family == 1 && length == 8) {
            out.set(0, TransportAddress.ipv4Low(buffer.getInt(at + 4) ^ cookie), port);
            return 4;
        }
        if (family == 2 && length == 20) {
            long mask = Integer.toUnsignedLong(cookie) << 32 | Integer.toUnsignedLong(xorHigh);
            out.set(buffer.getLong(at + 4) ^ mask, buffer.getLong(at + 12) ^ xorLow, port);
            return 6;
        }
        return 0;
    }

    /** The number of an ERROR-CODE attribute (300-699), or 0 when there is none. */
    public int errorCode() {
        int index = find(StunAttribute.ERROR_CODE);
        if (index < 0 || lengths[index] < 4) return 0;
        int word = buffer.getInt(offsets[index]);
        return (word >> 8 & 7) * 100 + (word & 0xff);
    }
}
