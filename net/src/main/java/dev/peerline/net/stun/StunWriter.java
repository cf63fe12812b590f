package dev.peerline.net.stun;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one STUN message where it shall lie. Like {@link StunReader} it is used again and again,
 * writes by absolute index, and pads with zeros (RFC 8489 §14: old bytes must not leak). The caller
 * provides room; {@link IndexOutOfBoundsException} says that it did not. Not thread-safe.
 */
public final class StunWriter {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private ByteBuffer buffer = EMPTY;
    private int start;
    private int end;

    /** Begins a message of {@code type} (see {@link StunType#of}) at {@code offset}. */
    public StunWriter begin(ByteBuffer target, int offset, int type, int idHigh, long idLow) {
        buffer = target;
        start = offset;
        end = offset + StunReader.HEADER_BYTES;
        target.putShort(offset, (short) type);
        target.putShort(offset + 2, (short) 0);
        target.putInt(offset + 4, StunReader.MAGIC_COOKIE);
        target.putInt(offset + 8, idHigh);
        target.putLong(offset + 12, idLow);
        return this;
    }

    /** Begins the answer to {@code request}: its method and transaction, the class given. */
    public StunWriter answer(ByteBuffer target, int offset, StunReader request, int messageClass) {
        int type = StunType.of(request.method(), messageClass);
        return begin(target, offset, type, request.transactionHigh(), request.transactionLow());
    }

    public int offset() {
        return start;
    }

    /** Bytes of the message so far. */
    public int length() {
        return end - start;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** Makes room for a value, padded with zeros, and returns where it begins. */
    int open(int type, int length) {
        int value = end + 4;
        buffer.putShort(end, (short) type);
        buffer.putShort(end + 2, (short) length);
        int next = value + StunReader.padded(length);
        for (int i = value + length; i < next; i++) buffer.put(i, (byte) 0);
        end = next;
        buffer.putShort(start + 2, (short) (end - start - StunReader.HEADER_BYTES));
        return value;
    }

    public StunWriter flag(int type) {
        open(type, 0);
        return this;
    }

    public StunWriter bytes(int type, byte[] value) {
        buffer.put(open(type, value.length), value);
        return this;
    }

    public StunWriter text(int type, String value) {
        return bytes(type, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A value of 4 bytes. */
    public StunWriter number(int type, long value) {
        buffer.putInt(open(type, 4), (int) value);
        return this;
    }

    public StunWriter longNumber(int type, long value) {
        buffer.putLong(open(type, 8), value);
        return this;
    }

    public StunWriter xorAddress(int type, TransportAddress address) {
        return xorAddress(type, address.high(), address.low(), address.port());
    }

    public StunWriter xorAddress(int type, MutableAddress address) {
        return xorAddress(type, address.high(), address.low(), address.port());
    }

    private StunWriter xorAddress(int type, long high, long low, int port) {
        int cookie = StunReader.MAGIC_COOKIE;
        if (TransportAddress.isIpv4(high, low)) {
            int at = open(type, 8);
            buffer.putShort(at, (short) 1);
            buffer.putShort(at + 2, (short) (port ^ cookie >>> 16));
            buffer.putInt(at + 4, (int) low ^ cookie);
        } else {
            int at = open(type, 20);
            buffer.putShort(at, (short) 2);
            buffer.putShort(at + 2, (short) (port ^ cookie >>> 16));
            buffer.putLong(at + 4, high ^ buffer.getLong(start + 4));
            buffer.putLong(at + 12, low ^ buffer.getLong(start + 12));
        }
        return this;
    }

    /** An address that is not XORed: MAPPED-ADDRESS, ALTERNATE-SERVER, RESPONSE-ORIGIN. */
    public StunWriter plainAddress(int type, TransportAddress address) {
        boolean ipv4 = address.isIpv4();
        int at = open(type, ipv4 ? 8 : 20);
        buffer.putShort(at, (short) (ipv4 ? 1 : 2));
        buffer.putShort(at + 2, (short) address.port());
        if (ipv4) {
            buffer.putInt(at + 4, (int) address.low());
        } else {
            buffer.putLong(at + 4, address.high());
            buffer.putLong(at + 12, address.low());
        }
        return this;
    }

    /** ERROR-CODE (RFC 8489 §14.8). An empty reason keeps an answer to a stranger small. */
    public StunWriter error(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int at = open(StunAttribute.ERROR_CODE, 4 + text.length);
        buffer.putInt(at, (code / 100) << 8 | code % 100);
        buffer.put(at + 4, text);
        return this;
    }

    /** UNKNOWN-ATTRIBUTES: the first {@code count} of {@code types}. */
    public StunWriter unknownAttributes(int[] types, int count) {
        int at = open(StunAttribute.UNKNOWN_ATTRIBUTES, 2 * count);
        for (int i = 0; i < count; i++) buffer.putShort(at + 2 * i, (short) types[i]);
        return this;
    }

    /** PASSWORD-ALGORITHMS, in the order given, none with parameters. */
    public StunWriter passwordAlgorithms(PasswordAlgorithm... algorithms) {
        int at = open(StunAttribute.PASSWORD_ALGORITHMS, 4 * algorithms.length);
        for (PasswordAlgorithm algorithm : algorithms) {
            buffer.putInt(at, algorithm.number() << 16);
            at += 4;
        }
        return this;
    }

    /** MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 over everything so far. */
    public StunWriter integrity(StunIntegrity integrity, StunIntegrity.Kind kind, byte[] key) {
        int at = open(kind.attribute(), kind.macBytes());
        byte[] mac = integrity.mac(kind, key, buffer, start, at - 4 - start, length());
        buffer.put(at, mac, 0, kind.macBytes());
        Arrays.fill(mac, (byte) 0);
        return this;
    }

    /** FINGERPRINT; nothing may follow. */
    public StunWriter fingerprint() {
        int at = open(StunAttribute.FINGERPRINT, 4);
        buffer.putInt(at, StunFingerprint.of(buffer, start, at - 4 - start));
        return this;
    }
}
