package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports from the first to the last, both included.
 *
 * @param first at least 1
 * @param last more than the first
 */
public record PortRange(int first, int last) {
    /** The dynamic ports (RFC 6335 §6). */
    public static final PortRange DYNAMIC = new PortRange(49_152, 65_535);

    @Override
    public String toString() {
        return first + "-" + last;
    }

    /** {@code 49152-65535}. */
    public static final class Converter implements ITypeConverter<PortRange> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

        @Override
        public PortRange convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (matcher.matches()) {
                int first = Integer.parseInt(matcher.group(1));
                int last = Integer.parseInt(matcher.group(2));
                if (first >= 1 && first < last && last <= 65_535) return new PortRange(first, last);
            }
            throw new TypeConversionException(
                    "\"" + text + "\" is no range of ports: write 49152-65535");
        }
    }
}
