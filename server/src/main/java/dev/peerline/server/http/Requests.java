package dev.peerline.server.http;

import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Route;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts requests, gives their bodies a deadline, and turns a handler's fault into an answer.
 * Thread-safe.
 */
final class Requests implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Requests.class.getName());

    private final Metrics metrics;
    private final Duration bodyDeadline;
    private final HttpHandler next;
    private final AtomicInteger inFlight = new AtomicInteger();

    /**
     * @param bodyDeadline for the whole of a request's body; its connection is closed then
     */
    Requests(Metrics metrics, Duration bodyDeadline, HttpHandler next) {
        this.metrics = metrics;
        this.bodyDeadline = bodyDeadline;
        this.next = next;
    }

    /** How many are not answered yet. */
    int inFlight() {
        return inFlight.get();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        inFlight.incrementAndGet();
        exchange.addExchangeCompleteListener(
                (ended, following) -> {
                    Route route = ended.getAttachment(Routes.ROUTE);
                    metrics.request(route == null ? Route.OTHER : route, ended.getStatusCode());
                    ended();
                    following.proceed();
                });
        exchange.addDefaultResponseListener(Requests::explain);
        if (!exchange.isRequestComplete()) limitBody(exchange);
        try {
            next.handleRequest(exchange);
        } catch (Exception problem) {
            fail(exchange, problem);
        }
    }

    /** Gives a body to a refusal that a handler left without one. */
    private static boolean explain(HttpServerExchange exchange) {
        int status = exchange.getStatusCode();
        if (status < StatusCodes.BAD_REQUEST || exchange.isResponseStarted()) return false;
        String code =
                switch (status) {
                    case StatusCodes.METHOD_NOT_ALLOWED -> "METHOD_NOT_ALLOWED";
                    case StatusCodes.SERVICE_UNAVAILABLE -> "TOO_MANY_CONNECTIONS";
                    case StatusCodes.REQUEST_ENTITY_TOO_LARGE -> "MESSAGE_TOO_LARGE";
                    default -> status < 500 ? "BAD_REQUEST" : "INTERNAL";
                };
        new Problem(status, code, StatusCodes.getReason(status) + ".").send(exchange);
        return true;
    }

    private void ended() {
        if (inFlight.decrementAndGet() > 0) return;
        synchronized (inFlight) {
            inFlight.notifyAll();
        }
    }

    /** Waits until all are answered; false when some are not within the limit. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        synchronized (inFlight) {
            while (inFlight.get() > 0) {
                long leftNanos = endNanos - System.nanoTime();
                if (leftNanos <= 0) return false;
                TimeUnit.NANOSECONDS.timedWait(inFlight, leftNanos);
            }
        }
        return true;
    }

    private void limitBody(HttpServerExchange exchange) {
        XnioExecutor.Key deadline =
                exchange.getIoThread()
                        .executeAfter(
                                () -> {
                                    if (!exchange.isRequestComplete())
                                        IoUtils.safeClose(exchange.getConnection());
                                },
                                bodyDeadline.toMillis(),
                                TimeUnit.MILLISECONDS);
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    deadline.remove();
                    following.proceed();
                });
    }

    private void fail(HttpServerExchange exchange, Exception problem) {
        metrics.fault();
        LOG.log(Level.ERROR, "event=request-failed", problem);
        if (exchange.isResponseStarted()) {
            IoUtils.safeClose(exchange.getConnection());
            return;
        }
        new Problem(
                        StatusCodes.INTERNAL_SERVER_ERROR,
                        "INTERNAL",
                        "The server failed; its log says more.")
                .send(exchange);
    }
}
