package dev.peerline.turn.policy;

import dev.peerline.net.TransportAddress;

import java.net.InetAddress;

/**
 * A CIDR range, IPv4 kept as {@code ::ffff:a.b.c.d/96+n}.
 *
 * @param text as it was written
 */
public record AddressRange(long high, long low, int prefixBits, String text) {
    /**
     * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address.
     *
     * @throws IllegalArgumentException if it is none; the message says what is wrong
     */
    public static AddressRange parse(String text) {
        String trimmed = text.strip();
        int slash = trimmed.indexOf('/');
        String host = slash < 0 ? trimmed : trimmed.substring(0, slash);
        InetAddress literal;
        try {
            literal = InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("address range: not an IP address: " + text, e);
        }
        TransportAddress address = TransportAddress.of(literal, 0);
        int width = address.isIpv4() ? 32 : 128;
        int bits = slash < 0 ? width : prefixBits(text, trimmed.substring(slash + 1), width);
        return new AddressRange(address.high(), address.low(), bits + 128 - width, trimmed);
    }

    private static int prefixBits(String text, String digits, int width) {
        try {
            int bits = Integer.parseInt(digits);
            if (bits >= 0 && bits <= width) return bits;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address range: prefix is no number: " + text, e);
        }
        throw new IllegalArgumentException("address range: prefix is 0-" + width + ": " + text);
    }

    public boolean contains(long otherHigh, long otherLow) {
        if (prefixBits == 0) return true;
        if (prefixBits <= 64) return (high ^ otherHigh) >>> (64 - prefixBits) == 0;
        if (high != otherHigh) return false;
        return prefixBits == 128 ? low == otherLow : (low ^ otherLow) >>> (128 - prefixBits) == 0;
    }

    @Override
    public String toString() {
        return text;
    }
}
