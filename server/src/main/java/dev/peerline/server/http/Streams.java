package dev.peerline.server.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Protocols;
import io.undertow.util.StatusCodes;

import org.xnio.IoUtils;

import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds connections of HTTP/2 to the number of streams that they were told: Undertow tells it, and
 * counts on being obeyed. Thread-safe.
 */
final class Streams implements HttpHandler {
    /** Requests of one connection at a time; RFC 9113 §6.5.2 wants no fewer than 100. */
    static final int MAX = 100;

    /** Some are on their way before a client is told. This many more, and it does not care. */
    private static final int TOO_MANY = 2 * MAX;

    private final HttpHandler next;

    /** By the other end of the TCP connection. */
    private final Map<SocketAddress, Integer> open = new ConcurrentHashMap<>();

    Streams(HttpHandler next) {
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (!exchange.getProtocol().equals(Protocols.HTTP_2_0)) {
            next.handleRequest(exchange);
            return;
        }
        SocketAddress peer = exchange.getConnection().getPeerAddress();
        int count = peer == null ? 1 : open.merge(peer, 1, Integer::sum);
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    if (peer != null) closed(peer);
                    following.proceed();
                });
        if (count <= MAX) {
            next.handleRequest(exchange);
        } else if (count <= TOO_MANY) {
            new Problem(
                            StatusCodes.SERVICE_UNAVAILABLE,
                            "TOO_MANY_STREAMS",
                            "A connection has at most %d streams.".formatted(MAX))
                    .send(exchange);
        } else {
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
        }
    }

    private void closed(SocketAddress peer) {
        open.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
}
