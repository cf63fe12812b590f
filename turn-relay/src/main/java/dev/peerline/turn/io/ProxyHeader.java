package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The header of the PROXY protocol, version 2, with which a proxy says whose connection it passes
 * on. Pure.
 *
 * <pre>
 * 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A | version 2, command | family, protocol | length (2)
 * source address | destination address | source port (2) | destination port (2) | more
 * </pre>
 *
 * @param bytes how long the header is, or 0 while it is not all there, or -1 when it is none
 * @param source null where the proxy speaks for itself, or says it in a way that is not ours
 * @param destination null likewise
 */
record ProxyHeader(
        int bytes, @Nullable TransportAddress source, @Nullable TransportAddress destination) {
    /** Twelve that no other protocol begins with. */
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10};

    private static final int FIXED_BYTES = 16;

    /** Addresses, and room for what proxies add. */
    private static final int MAX_BYTES = 1024;

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int TCP_OVER_IPV6 = 0x21;

    private static final ProxyHeader INCOMPLETE = new ProxyHeader(0, null, null);
    private static final ProxyHeader NONE = new ProxyHeader(-1, null, null);

    /** Looks at what has arrived, from the buffer's position on; the position stays. */
    static ProxyHeader read(ByteBuffer input) {
        int there = Math.min(input.remaining(), SIGNATURE.length);
        byte[] begin = new byte[there];
        input.get(input.position(), begin);
        if (!Arrays.equals(begin, Arrays.copyOf(SIGNATURE, there))) return NONE;
        if (input.remaining() < FIXED_BYTES) return INCOMPLETE;
        int at = input.position() + SIGNATURE.length;
        int command = input.get(at) & 0xff;
        int family = input.get(at + 1) & 0xff;
        int length = input.getShort(at + 2) & 0xffff;
        int bytes = FIXED_BYTES + length;
        if ((command != LOCAL && command != PROXY) || bytes > MAX_BYTES) return NONE;
        if (input.remaining() < bytes) return INCOMPLETE;
        if (command == LOCAL) return new ProxyHeader(bytes, null, null);
        return switch (family) {
            case TCP_OVER_IPV4 -> length < 12 ? NONE : ipv4(input, at + 4, bytes);
            case TCP_OVER_IPV6 -> length < 36 ? NONE : ipv6(input, at + 4, bytes);
            default -> new ProxyHeader(bytes, null, null);
        };
    }

    private static ProxyHeader ipv4(ByteBuffer input, int at, int bytes) {
        return new ProxyHeader(
                bytes,
                ipv4Address(input.getInt(at), input.getShort(at + 8)),
                ipv4Address(input.getInt(at + 4), input.getShort(at + 10)));
    }

    private static TransportAddress ipv4Address(int address, short port) {
        return new TransportAddress(0, TransportAddress.ipv4Low(address), port & 0xffff);
    }

    private static ProxyHeader ipv6(ByteBuffer input, int at, int bytes) {
        return new ProxyHeader(
                bytes,
                new TransportAddress(
                        input.getLong(at), input.getLong(at + 8), input.getShort(at + 32) & 0xffff),
                new TransportAddress(
                        input.getLong(at + 16),
                        input.getLong(at + 24),
                        input.getShort(at + 34) & 0xffff));
    }
}
