package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.regex.Pattern;

/** Addresses as text, without ever asking a name server. */
public final class IpLiteral {
    private static final Pattern DOTTED = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private IpLiteral() {}

    /** The address, or null when the text is none. An IPv6 address has no brackets here. */
    public static @Nullable InetAddress parse(String text) {
        // Without this check "1234" would be 0.0.4.210.
        boolean four = DOTTED.matcher(text).matches();
        if (!four && !text.contains(":")) return null;
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** As it stands in a URL: an IPv6 address in brackets, short and without a zone. */
    public static String inUrl(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        if (zone >= 0) text = text.substring(0, zone);
        if (!text.contains(":")) return text;
        return "[" + text.replaceFirst("(^|:)0(:0)+(:|$)", "::") + "]";
    }
}
