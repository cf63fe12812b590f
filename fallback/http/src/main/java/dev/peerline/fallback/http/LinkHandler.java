package dev.peerline.fallback.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Serves {@code /v1/link}: sessions on every carrier that HTTP has. Non-blocking: no dispatch to a
 * worker thread is needed before it, and a waiting reader holds none. Thread-safe.
 */
public final class LinkHandler implements HttpHandler, AutoCloseable {
    /**
     * Starts the one timer thread of all sessions.
     *
     * @param sessions who keeps them; told the time through here
     */
    public LinkHandler(Sessions sessions, LinkLimits limits, LinkMetrics metrics) {}

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        exchange.setStatusCode(StatusCodes.SERVICE_UNAVAILABLE);
        exchange.endExchange();
    }

    /** Carriers that are open now. */
    public int connections() {
        return 0;
    }

    /**
     * Sends everybody away, gently: each carrier is told to {@code MOVE}, with another time to come
     * back at, and closed at its own moment within the spread. New ones are refused from now on.
     *
     * @return done when the last carrier is closed, at the latest a second after the spread
     */
    public CompletableFuture<Void> drain(Duration spread) {
        return CompletableFuture.completedFuture(null);
    }

    /** Closes every carrier at once and ends the timer thread. */
    @Override
    public void close() {}
}
