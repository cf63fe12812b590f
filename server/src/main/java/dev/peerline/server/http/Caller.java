package dev.peerline.server.http;

import dev.peerline.server.config.HostAndPort;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Who makes a request, as found out once at the front.
 *
 * @param address the client's, behind trusted proxies
 * @param host what it believes to talk to
 * @param scheme {@code http} or {@code https}, at the proxy if there is a trusted one
 * @param exempt whether limits an address and a rate are not for it
 */
record Caller(InetAddress address, HostAndPort host, String scheme, boolean exempt) {
    private static final AttachmentKey<Caller> KEY = AttachmentKey.create(Caller.class);
    private static final int IPV6_PREFIX_BYTES = 8;

    static Caller of(HttpServerExchange exchange) {
        return exchange.getAttachment(KEY);
    }

    void attachTo(HttpServerExchange exchange) {
        exchange.putAttachment(KEY, this);
    }

    String limitsKey() {
        return limitsKey(address);
    }

    /** Whom the limits count as one: an address, or the 64 bits that one IPv6 customer has. */
    static String limitsKey(InetAddress address) {
        if (!(address instanceof Inet6Address)) return address.getHostAddress();
        byte[] prefix = Arrays.copyOf(address.getAddress(), IPV6_PREFIX_BYTES);
        return HexFormat.of().formatHex(prefix) + "::/64";
    }
}
