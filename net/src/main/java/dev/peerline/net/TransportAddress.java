package dev.peerline.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IP address and a port, as a value: two longs instead of an {@link InetAddress}, so that tables
 * can be searched with what a packet holds. IPv4 addresses are kept as {@code ::ffff:a.b.c.d}.
 *
 * @param high the first 64 bits of the address
 * @param low the last 64 bits
 * @param port 0 to 65535
 */
public record TransportAddress(long high, long low, int port) {
    private static final long MAPPED = 0xffffL << 32;

    public TransportAddress {
        if (port < 0 || port > 0xffff) throw new IllegalArgumentException("port: 0-65535: " + port);
    }

    /** Whether these 128 bits are an IPv4 address. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** Whether these 128 bits are in 127.0.0.0/8, or ::1. */
    public static boolean isLoopback(long high, long low) {
        return high == 0 && (low == 1 || (isIpv4(high, low) && ((int) low >>> 24) == 127));
    }

    /** The low half of an IPv4 address; its high half is 0. */
    public static long ipv4Low(int address) {
        return MAPPED | Integer.toUnsignedLong(address);
    }

    public static TransportAddress of(InetSocketAddress address) {
        return of(address.getAddress(), address.getPort());
    }

    public static TransportAddress of(InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4
                ? new TransportAddress(0, ipv4Low(buffer.getInt()), port)
                : new TransportAddress(buffer.getLong(), buffer.getLong(), port);
    }

    public boolean isLoopback() {
        return isLoopback(high, low);
    }

    public boolean isIpv4() {
        return isIpv4(high, low);
    }

    public TransportAddress withPort(int newPort) {
        return new TransportAddress(high, low, newPort);
    }

    public boolean sameAddress(TransportAddress other) {
        return high == other.high && low == other.low;
    }

    public InetAddress inetAddress() {
        byte[] bytes =
                isIpv4()
                        ? ByteBuffer.allocate(4).putInt((int) low).array()
                        : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    public InetSocketAddress inetSocketAddress() {
        return new InetSocketAddress(inetAddress(), port);
    }

    /** {@code 192.0.2.1:3478} or {@code [2001:db8::1]:3478}. */
    @Override
    public String toString() {
        return isIpv4()
                ? hostText(high, low) + ":" + port
                : "[" + hostText(high, low) + "]:" + port;
    }

    /** The address without a port. */
    public static String hostText(long high, long low) {
        if (isIpv4(high, low)) {
            int a = (int) low;
            return (a >>> 24) + "." + (a >>> 16 & 255) + "." + (a >>> 8 & 255) + "." + (a & 255);
        }
        return new TransportAddress(high, low, 0).inetAddress().getHostAddress();
    }
}
