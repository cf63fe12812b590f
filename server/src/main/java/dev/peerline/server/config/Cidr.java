package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of addresses, {@code 10.0.0.0/8} or {@code fd00::/8}; a single address is a range too.
 *
 * @param network the first address
 * @param bits how many leading bits count: 0–32 or 0–128
 */
public record Cidr(InetAddress network, int bits) {
    /** Whether the address lies in the range; one of the other family never does. */
    public boolean contains(InetAddress address) {
        return Arrays.equals(masked(network, bits), masked(address, bits))
                && network.getAddress().length == address.getAddress().length;
    }

    private static byte[] masked(InetAddress address, int bits) {
        byte[] bytes = address.getAddress();
        for (int bit = bits; bit < bytes.length * 8; bit++)
            bytes[bit / 8] &= (byte) ~(0x80 >>> (bit % 8));
        return bytes;
    }

    /** The range, or null when the text is none. */
    public static @Nullable Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
        if (network == null) return null;
        int all = network.getAddress().length * 8;
        if (slash < 0) return new Cidr(network, all);
        String bits = text.substring(slash + 1);
        if (!bits.matches("\\d{1,3}") || Integer.parseInt(bits) > all) return null;
        return new Cidr(network, Integer.parseInt(bits));
    }

    /** For options. */
    public static final class Converter implements ITypeConverter<Cidr> {
        @Override
        public Cidr convert(String text) {
            Cidr cidr = parse(text);
            if (cidr == null)
                throw new TypeConversionException(
                        "\"" + text + "\" is no address range: write 10.0.0.0/8 or fd00::/8");
            return cidr;
        }
    }
}
