package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Locale;

/**
 * Where a web page comes from (RFC 6454 §6.2).
 *
 * @param scheme {@code http}, {@code https} or what a browser extension has; {@code null} for the
 *     opaque origin, {@code *} for any
 * @param authority without the scheme's own port
 */
public record Origin(String scheme, HostAndPort authority) {
    /** What a sandboxed frame or a file says of itself. */
    public static final Origin OPAQUE = new Origin("null", new HostAndPort("", -1));

    /** Matches every other. */
    public static final Origin ANY = new Origin("*", new HostAndPort("", -1));

    /** What an {@code Origin} header says, or null when it is malformed. */
    public static @Nullable Origin parse(String text) {
        if (text.equals("null")) return OPAQUE;
        int end = text.indexOf("://");
        if (end <= 0) return null;
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        if (!scheme.matches("[a-z][a-z0-9+.-]{0,31}")) return null;
        HostAndPort authority = HostAndPort.parse(text.substring(end + 3));
        return authority == null ? null : new Origin(scheme, authority.withoutDefaultPort(scheme));
    }

    @Override
    public String toString() {
        boolean special = equals(OPAQUE) || equals(ANY);
        return special ? scheme : scheme + "://" + authority;
    }

    /** For options; {@code *} is any. */
    public static final class Converter implements ITypeConverter<Origin> {
        @Override
        public Origin convert(String text) {
            Origin origin = text.equals("*") ? ANY : parse(text);
            if (origin == null)
                throw new TypeConversionException(
                        "\"" + text + "\" is no origin: write https://app.example, without a path");
            return origin;
        }
    }
}
