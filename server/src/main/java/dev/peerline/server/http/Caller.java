package dev.peerline.server.http;

import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.door.ClientAddress;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;

import java.net.InetAddress;

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
        return ClientAddress.limitsKey(address);
    }
}
