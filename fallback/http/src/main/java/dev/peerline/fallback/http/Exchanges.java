package dev.peerline.fallback.http;

import io.undertow.server.HttpServerExchange;

import org.xnio.IoUtils;

/** What all exchanges have in common that are ended by force. */
public final class Exchanges {
    private Exchanges() {}

    /** Closes its connection, and ends it without another word. On its I/O thread. */
    public static void cut(HttpServerExchange exchange) {
        // Else Undertow waits for another request on what is closed, and keeps it for so long.
        exchange.setPersistent(false);
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }
}
