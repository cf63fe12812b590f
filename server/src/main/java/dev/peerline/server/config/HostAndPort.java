package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host, and a port if one is written: what a {@code Host} header holds (RFC 9110 §7.2).
 *
 * @param host in lower case; an IPv6 address without brackets
 * @param port 1–65535, or -1 when none is written
 */
public record HostAndPort(String host, int port) {
    private static final int MAX_HOST_LENGTH = 253;
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:\\[([0-9A-Fa-f:.]{2,45})]|([A-Za-z0-9._-]{1,253}))(?::(\\d{1,5}))?");

    /** What the text says, or null when it is malformed. */
    public static @Nullable HostAndPort parse(String text) {
        if (text.length() > MAX_HOST_LENGTH + 6) return null;
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) return null;
        String digits = matcher.group(3);
        int port = digits == null ? -1 : Integer.parseInt(digits);
        if (port == 0 || port > 65535) return null;
        String literal = matcher.group(1);
        if (literal == null)
            return new HostAndPort(matcher.group(2).toLowerCase(Locale.ROOT), port);
        InetAddress address = IpLiteral.parse(literal);
        // One way of writing each address, so that they can be compared.
        return address == null ? null : new HostAndPort(address.getHostAddress(), port);
    }

    /** The address that the host is, or null when it is a name. */
    public @Nullable InetAddress address() {
        return IpLiteral.parse(host);
    }

    /** The same host; without the port where it is the scheme's own. */
    public HostAndPort withoutDefaultPort(String scheme) {
        boolean own =
                (port == 80 && scheme.equals("http")) || (port == 443 && scheme.equals("https"));
        return own ? new HostAndPort(host, -1) : this;
    }

    @Override
    public String toString() {
        String text = host.contains(":") ? "[" + host + "]" : host;
        return port < 0 ? text : text + ":" + port;
    }
}
