package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Serves {@code /v1/link}: sessions on every carrier that HTTP has. Non-blocking: no dispatch to a
 * worker thread is needed before it, and a waiting reader holds none. Thread-safe.
 */
public final class LinkHandler implements HttpHandler, AutoCloseable {
    /** The WebSocket subprotocol of docs/protocol.md, section 6. */
    public static final String SUBPROTOCOL = "peerline.1";

    private static final AttachmentKey<Visitor> VISITOR = AttachmentKey.create(Visitor.class);

    private static final int RETRY_AFTER_SECONDS = 5;

    /** Clients that were sent away come back spread over 2 ms each: 500 a second. */
    private static final int RETURN_MILLIS_EACH = 2;

    private static final int MIN_RETURN_MILLIS = 250;
    private static final int MAX_RETURN_MILLIS = 30_000;
    private static final int DRAIN_END_MILLIS = 1_000;

    private final Sessions sessions;
    private final LinkLimits limits;
    private final LinkMetrics metrics;
    private final Connections connections;
    private final Set<WebSocketCarrier> carriers = ConcurrentHashMap.newKeySet();
    private final HttpHandler webSocket;
    private final Timers timers;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;
    private volatile int returnWindowMillis = MIN_RETURN_MILLIS;

    /**
     * Starts the one timer thread of all sessions.
     *
     * @param sessions who keeps them; told the time through here
     */
    public LinkHandler(Sessions sessions, LinkLimits limits, LinkMetrics metrics) {
        this.sessions = sessions;
        this.limits = limits;
        this.metrics = metrics;
        connections = new Connections(limits);
        WebSocketConnectionCallback opened =
                (exchange, channel) -> opened(exchange.getAttachment(VISITOR), channel);
        webSocket =
                new WebSocketProtocolHandshakeHandler(
                        List.of(new Hybi13Handshake(Set.of(SUBPROTOCOL), false)), opened);
        timers = new Timers(this::sweep);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HeaderMap headers = exchange.getRequestHeaders();
        if (!"websocket".equalsIgnoreCase(headers.getFirst(Headers.UPGRADE))) {
            exchange.getResponseHeaders().put(Headers.UPGRADE, "websocket");
            refuse(exchange, StatusCodes.UPGRADE_REQUIRED);
        } else if (!asksForProtocol(headers)) {
            refuse(exchange, StatusCodes.BAD_REQUEST);
        } else if (connections.total() >= limits.maxConnections()) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_SECONDS);
            refuse(exchange, StatusCodes.SERVICE_UNAVAILABLE);
        } else {
            exchange.putAttachment(VISITOR, visitor(exchange));
            webSocket.handleRequest(exchange);
        }
    }

    /** Carriers that are open now. */
    public int connections() {
        return connections.total();
    }

    /**
     * Sends everybody away, gently: each carrier is told to {@code MOVE}, with another time to come
     * back at, and closed at its own moment within the spread. New ones are refused from now on.
     *
     * @return done when the last carrier is closed, at the latest a second after the spread
     */
    public CompletableFuture<Void> drain(Duration spread) {
        returnWindowMillis =
                Math.clamp(
                        (long) carriers.size() * RETURN_MILLIS_EACH,
                        MIN_RETURN_MILLIS,
                        MAX_RETURN_MILLIS);
        draining = true;
        List<WebSocketCarrier> present = List.copyOf(carriers);
        long spreadMillis = spread.toMillis();
        for (int i = 0; i < present.size(); i++) {
            WebSocketCarrier carrier = present.get(i);
            long at = spreadMillis * i / present.size();
            long back = spreadMillis - at + returnMillis();
            timers.later(() -> carrier.end(Ending.move(back)), at);
        }
        timers.later(
                () -> {
                    carriers.forEach(WebSocketCarrier::abort);
                    drained.complete(null);
                },
                spreadMillis + DRAIN_END_MILLIS);
        if (carriers.isEmpty()) drained.complete(null);
        return drained.copy();
    }

    /** Closes every carrier at once and ends the timer thread. */
    @Override
    public void close() {
        draining = true;
        carriers.forEach(WebSocketCarrier::abort);
        timers.close();
        drained.complete(null);
    }

    Sessions sessions() {
        return sessions;
    }

    LinkLimits limits() {
        return limits;
    }

    LinkMetrics metrics() {
        return metrics;
    }

    Connections keys() {
        return connections;
    }

    boolean draining() {
        return draining;
    }

    /** How long somebody who is sent away shall stay away: all together they are no storm. */
    long returnMillis() {
        return ThreadLocalRandom.current().nextLong(returnWindowMillis);
    }

    /** Milliseconds since some moment; unlike the time of day they never jump. */
    long nowMillis() {
        return Timers.nowMillis();
    }

    Timers timers() {
        return timers;
    }

    /** A carrier is gone. */
    void closed(WebSocketCarrier carrier, @Nullable String limitsKey) {
        carriers.remove(carrier);
        connections.close(limitsKey);
        metrics.count(Counter.WEBSOCKETS_CLOSED, 1);
        if (draining && carriers.isEmpty()) drained.complete(null);
    }

    private void opened(Visitor visitor, WebSocketChannel channel) {
        connections.open();
        metrics.count(Counter.WEBSOCKETS_OPENED, 1);
        WebSocketCarrier carrier = new WebSocketCarrier(this, visitor, channel);
        carriers.add(carrier);
        carrier.open();
    }

    private void sweep() {
        long now = nowMillis();
        for (WebSocketCarrier carrier : carriers) carrier.check(now);
        connections.sweep(now);
        sessions.advance(now);
    }

    private static boolean asksForProtocol(HeaderMap headers) {
        String asked = headers.getFirst(Headers.SEC_WEB_SOCKET_PROTOCOL);
        return asked != null && List.of(asked.split("\\s*,\\s*")).contains(SUBPROTOCOL);
    }

    private static Visitor visitor(HttpServerExchange exchange) {
        InetSocketAddress source = exchange.getSourceAddress();
        InetAddress address = source.getAddress();
        if (address == null) {
            // A proxy gave a name where an address belongs: then the proxy is who is here.
            address = exchange.getConnection().getPeerAddress(InetSocketAddress.class).getAddress();
        }
        HeaderMap headers = exchange.getRequestHeaders();
        return new Visitor(
                address,
                headers.getFirst(Headers.ORIGIN),
                headers.getFirst(Headers.HOST),
                exchange.getRequestScheme().equals("https"));
    }

    private static void refuse(HttpServerExchange exchange, int status) {
        exchange.setStatusCode(status);
        exchange.endExchange();
    }
}
