package dev.peerline.server.http;

import dev.peerline.server.door.Quota;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Metrics.Refused;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import java.time.Duration;

/**
 * How fast one client may ask. A token's holder counts by the token, so that people behind one
 * address do not share what each of them has; all others by their address. Thread-safe.
 */
final class RateLimit implements HttpHandler {
    /** A page loads some dozens of files at once. */
    private static final int BURST_SECONDS = 10;

    private static final int REMEMBERED = 20_000;

    private final Bearer bearer;
    private final Metrics metrics;
    private final HttpHandler next;
    private final Quota<String> quota;

    RateLimit(int requestsPerSecond, Bearer bearer, Metrics metrics, HttpHandler next) {
        this.bearer = bearer;
        this.metrics = metrics;
        this.next = next;
        this.quota =
                new Quota<>(
                        requestsPerSecond * BURST_SECONDS,
                        Duration.ofSeconds(BURST_SECONDS).toNanos(),
                        REMEMBERED);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        Caller caller = Caller.of(exchange);
        // Who polls asks often: sessions and topics have limits of their own.
        boolean limited = !Routes.isLinkOfPackets(exchange) && !Routes.isTopic(exchange);
        if (caller.exempt() || !limited) {
            next.handleRequest(exchange);
            return;
        }
        String key = bearer.isHolder(exchange) ? tokenKey(exchange) : caller.limitsKey();
        long waitNanos = quota.take(key, System.nanoTime());
        if (waitNanos == 0) next.handleRequest(exchange);
        else refuse(exchange, waitNanos, metrics);
    }

    private static String tokenKey(HttpServerExchange exchange) {
        String token = Bearer.token(exchange);
        return token == null ? "" : TokenAdmission.tokenKey(token);
    }

    static void refuse(HttpServerExchange exchange, long waitNanos, Metrics metrics) {
        metrics.refused(Refused.RATE_LIMITED);
        long seconds = Math.max(1, Duration.ofNanos(waitNanos).toSeconds());
        exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds);
        new Problem(
                        StatusCodes.TOO_MANY_REQUESTS,
                        "RATE_LIMITED",
                        "Too many requests: try again in " + seconds + " s.")
                .send(exchange);
    }
}
