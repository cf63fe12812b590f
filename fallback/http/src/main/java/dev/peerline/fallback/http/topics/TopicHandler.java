package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Serves {@code /v1/topics/…}: one URL for publishing and for every way to read. Non-blocking; a
 * waiting reader holds no thread. Thread-safe.
 */
public final class TopicHandler implements HttpHandler, AutoCloseable {
    /** What the paths of topics begin with. */
    public static final String PREFIX = "/v1/topics/";

    private static final int RETRY_MILLIS = 1_000;

    private final Topics topics;
    private final TopicAccess access;
    private final ReaderLimits limits;
    private final TopicMetrics metrics;
    private final ReaderCount count;
    private final Map<XnioIoThread, Hub> hubs = new ConcurrentHashMap<>();
    private final PublishDoor publish = new PublishDoor(this);
    private final SubscribeDoor subscribe = new SubscribeDoor(this);
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    public TopicHandler(
            Topics topics, TopicAccess access, ReaderLimits limits, TopicMetrics metrics) {
        this.topics = topics;
        this.access = access;
        this.limits = limits;
        this.metrics = metrics;
        count = new ReaderCount(limits);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HttpString method = exchange.getRequestMethod();
        TopicPattern pattern = Subscription.pattern(exchange, PREFIX);
        if (pattern == null) {
            refuse(
                    exchange,
                    TopicRefusal.of(
                            TopicError.BAD_TOPIC,
                            "A topic is news.sport, a pattern news.* or news.> (written"
                                    + " news.%3E)."));
        } else if (method.equals(Methods.POST)) {
            publish.handle(exchange, pattern);
        } else if (method.equals(Methods.GET)) {
            subscribe.handle(exchange, pattern);
        } else {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, POST");
            refuse(
                    exchange,
                    TopicRefusal.of(
                            TopicError.METHOD_NOT_ALLOWED, "Topics answer to GET and POST."));
        }
    }

    static boolean isUpgrade(HttpServerExchange exchange) {
        String upgrade = exchange.getRequestHeaders().getFirst(Headers.UPGRADE);
        return "websocket".equalsIgnoreCase(upgrade);
    }

    static TopicRefusal goingAway() {
        return TopicRefusal.of(TopicError.GOING_AWAY, "This server is going down.")
                .withRetryAfterMillis(RETRY_MILLIS);
    }

    Topics topics() {
        return topics;
    }

    TopicAccess access() {
        return access;
    }

    ReaderLimits limits() {
        return limits;
    }

    TopicMetrics metrics() {
        return metrics;
    }

    boolean isDraining() {
        return draining;
    }

    /** The readers of a request's I/O thread. */
    Hub hub(HttpServerExchange exchange) {
        XnioIoThread thread = exchange.getIoThread();
        Hub known = hubs.get(thread);
        return known != null ? known : hubs.computeIfAbsent(thread, at -> new Hub(this, at));
    }

    void refuse(HttpServerExchange exchange, TopicRefusal refusal) {
        metrics.refused(refusal.error());
        refusal.send(exchange);
    }

    /** Answers a poll, or has it wait. */
    void poll(PollClient client, Subscription asked, Hub hub) {
        subscribe.poll(client, asked, hub);
    }

    /** Counts a reader in, or refuses the request. */
    boolean opens(HttpServerExchange exchange, Subscription asked, CarrierKind kind) {
        TopicRefusal full = opens(asked, kind);
        if (full != null) refuse(exchange, full);
        return full == null;
    }

    /** Counts a reader in, or tells why there is no room. */
    @Nullable TopicRefusal opens(Subscription asked, CarrierKind kind) {
        TopicRefusal full = count.open(asked.granted().limitsKey());
        if (full == null) metrics.opened(kind);
        return full;
    }

    /**
     * Counts a reader in that comes by another way than HTTP: the limits are for all together.
     *
     * @param limitsKey whose readers are counted together; null for who is exempt
     * @return why there is no room; null when there is
     */
    public @Nullable TopicRefusal countIn(@Nullable String limitsKey) {
        return count.open(limitsKey);
    }

    /** Counts such a reader out. */
    public void countOut(@Nullable String limitsKey) {
        count.close(limitsKey);
        if (draining && count.total() == 0) drained.complete(null);
    }

    /** A reader is gone. */
    void closed(Reader reader) {
        closed(reader.limitsKey(), reader.kind());
    }

    /** A WebSocket was counted in, and its client was gone before there was one. */
    void neverOpened(Subscription asked) {
        closed(asked.granted().limitsKey(), CarrierKind.WEBSOCKET);
    }

    private void closed(@Nullable String limitsKey, CarrierKind kind) {
        metrics.closed(kind);
        countOut(limitsKey);
    }

    /** Forgets what is too old; to be called about once a second. */
    public void advance() {
        topics.advance(System.currentTimeMillis());
    }

    /** Streams, WebSockets and long polls that are open now. */
    public int readers() {
        return count.total();
    }

    /**
     * Sends all readers away, one after another within the spread: streams end, WebSockets close
     * with 1001, long polls are answered. All resume elsewhere with their cursors. New requests are
     * refused from now on.
     *
     * @return done when the last is gone
     */
    public CompletableFuture<Void> drain(Duration spread) {
        draining = true;
        hubs.values().forEach(hub -> hub.run(() -> hub.drain(spread.toMillis())));
        if (count.total() == 0) drained.complete(null);
        return drained.copy();
    }

    /** Closes every reader at once. */
    @Override
    public void close() {
        draining = true;
        hubs.values().forEach(hub -> hub.run(hub::close));
        drained.complete(null);
    }
}
