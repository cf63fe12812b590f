package dev.peerline.server.http;

import dev.peerline.server.config.HostAndPort;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;

/**
 * The demo page, which is the same for all rooms, the comparison, and the files of pages and SDK.
 * Immutable.
 */
final class Pages implements HttpHandler {
    private static final String INDEX = "index.html";
    private static final String COMPARE = "compare.html";

    private final Resources web = Resources.load("peerline/web", INDEX);
    private final Resources sdk = Resources.load("peerline/sdk", "peerline.js");
    private final Modules core = new Modules("/sdk/", "peerline.js", sdk::get);

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        send(exchange, INDEX);
    }

    /** The seven ways side by side. */
    void compare(HttpServerExchange exchange) {
        send(exchange, COMPARE);
    }

    private void send(HttpServerExchange exchange, String name) {
        Resource page = web.get(name);
        if (page == null) throw new AssertionError("the page was there at the start");
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_SECURITY_POLICY, policy(Caller.of(exchange).host()));
        core.accompany(exchange);
        ResourceSender.send(exchange, page);
    }

    /**
     * Nothing but this server's own files, and no way to be framed. {@code 'self'} covers
     * WebSockets in today's browsers; the two hosts are for those that read it more narrowly.
     */
    private static String policy(HostAndPort host) {
        // CSP3 §2.3.1: an IPv6 address is no source.
        String sockets = host.host().contains(":") ? "" : " ws://%1$s wss://%1$s".formatted(host);
        return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " connect-src 'self'"
                + sockets
                + "; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none';"
                + " form-action 'none'; frame-ancestors 'none'";
    }

    /**
     * A file that belongs to the page, by its path below the root; the pages themselves are none.
     */
    @Nullable Resource asset(String path) {
        return path.equals(INDEX) || path.equals(COMPARE) ? null : web.get(path);
    }

    /** A module of the SDK, by its path below {@code /sdk/}. */
    @Nullable Resource sdk(String path) {
        return sdk.get(path);
    }
}
