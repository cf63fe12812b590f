package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.net.InetAddress;

/**
 * An address that others reach this machine by.
 *
 * @param announced what they use
 * @param local the address of this machine it leads to, or null for all of its family
 */
public record ExternalAddress(InetAddress announced, @Nullable InetAddress local) {
    /** {@code 203.0.113.7}, or {@code 203.0.113.7/10.0.0.7}. */
    public static final class Converter implements ITypeConverter<ExternalAddress> {
        @Override
        public ExternalAddress convert(String text) {
            int slash = text.indexOf('/');
            InetAddress announced = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash));
            InetAddress local = slash < 0 ? null : IpLiteral.parse(text.substring(slash + 1));
            if (announced == null || (slash >= 0 && local == null))
                throw new TypeConversionException(
                        "\"%s\" is no IP address: write 203.0.113.7, or 203.0.113.7/10.0.0.7"
                                        .formatted(text)
                                + " for public and own address");
            return new ExternalAddress(announced, local);
        }
    }
}
