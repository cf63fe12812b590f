package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Refusal;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
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

    private static final int RETRY_AFTER_MILLIS = 5_000;

    /** Clients that were sent away come back spread over 2 ms each: 500 a second. */
    private static final int RETURN_MILLIS_EACH = 2;

    private static final int MIN_RETURN_MILLIS = 250;
    private static final int MAX_RETURN_MILLIS = 30_000;
    private static final int DRAIN_END_MILLIS = 1_000;

    private final Sessions sessions;
    private final LinkLimits limits;
    private final LinkMetrics metrics;
    private final Connections connections;
    private final Meters meters;
    private final LinkFaults faults = new LinkFaults();
    private final Set<ReadingCarrier> carriers = ConcurrentHashMap.newKeySet();
    private final GetDoor get;
    private final PostDoor post;
    private final HttpHandler webSocket;
    private final Timers timers;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;
    private volatile boolean takesOffers;
    private volatile int returnWindowMillis = MIN_RETURN_MILLIS;

    /**
     * Starts the one timer thread of all sessions.
     *
     * @param sessions who keeps them; told the time through here
     */
    public LinkHandler(Sessions sessions, LinkLimits limits, LinkMetrics metrics) {
        this(sessions, limits, metrics, TicketReader.NONE);
    }

    /**
     * Starts the one timer thread of all sessions.
     *
     * @param sessions who keeps them; told the time through here
     * @param tickets what {@code EventSource} may show instead of a header
     */
    public LinkHandler(
            Sessions sessions, LinkLimits limits, LinkMetrics metrics, TicketReader tickets) {
        this.sessions = sessions;
        this.limits = limits;
        this.metrics = metrics;
        connections = new Connections(limits);
        meters = new Meters(limits);
        get = new GetDoor(this, tickets);
        post = new PostDoor(this);
        WebSocketConnectionCallback opened =
                (exchange, channel) -> opened(exchange.getAttachment(VISITOR), channel);
        webSocket =
                new WebSocketProtocolHandshakeHandler(
                        List.of(new Hybi13Handshake(Set.of(SUBPROTOCOL), false)), opened);
        timers = new Timers(this::sweep);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HttpString method = exchange.getRequestMethod();
        if (isUpgrade(exchange)) {
            upgrade(exchange);
        } else if (method.equals(Methods.GET)) {
            get.handle(exchange);
        } else if (method.equals(Methods.POST)) {
            post.handle(exchange);
        } else {
            exchange.getResponseHeaders().put(Headers.ALLOW, "GET, POST");
            refuse(exchange, StatusCodes.METHOD_NOT_ALLOWED);
        }
    }

    /** Whether a request wants to become a WebSocket; all others are answered with packets. */
    public static boolean isUpgrade(HttpServerExchange exchange) {
        String upgrade = exchange.getRequestHeaders().getFirst(Headers.UPGRADE);
        return "websocket".equalsIgnoreCase(upgrade);
    }

    private void upgrade(HttpServerExchange exchange) throws Exception {
        if (!asksForProtocol(exchange.getRequestHeaders())) {
            refuse(exchange, StatusCodes.BAD_REQUEST);
        } else if (isFull()) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER_MILLIS / 1_000);
            refuse(exchange, StatusCodes.SERVICE_UNAVAILABLE);
        } else {
            exchange.putAttachment(VISITOR, visitor(exchange));
            webSocket.handleRequest(exchange);
        }
    }

    boolean isFull() {
        return connections.total() >= limits.maxConnections();
    }

    Refusal full() {
        return Refusal.of(ErrorCode.TOO_MANY_CONNECTIONS, "The server has all it may have.")
                .withRetryAfterMillis(RETRY_AFTER_MILLIS);
    }

    /**
     * Refuses a request before it is anybody's carrier. One that is wrong is an attempt to connect
     * that failed, and limited as such.
     */
    void refuse(HttpServerExchange exchange, Refusal refusal) {
        Refusal why = refusal;
        if (!refusal.retriable()
                && sessions.knock(visitor(exchange)) instanceof Sessions.Welcomed(String key)) {
            Refusal spent = connections.spent(key, nowMillis());
            connections.charge(key, nowMillis());
            if (spent != null) why = spent;
        }
        metrics.refused(why.knownCode());
        PacketAnswer.refuse(exchange, why);
    }

    /**
     * Has some kinds of somebody's carriers go dark, as if the network was gone: those that are
     * there neither read nor write, new ones get no answer. All others of that id are well again.
     *
     * @param kinds empty to heal
     */
    public void darken(Id id, Set<CarrierKind> kinds, Duration time) {
        long until = nowMillis() + time.toMillis();
        faults.set(id, kinds, until);
        for (ReadingCarrier carrier : carriers) {
            if (!carrier.isOf(id)) continue;
            if (kinds.contains(carrier.kind())) carrier.darken(until);
            else carrier.lighten();
        }
    }

    /** From now on clients are told that offers of a data channel are answered. */
    public void takeOffers() {
        takesOffers = true;
    }

    boolean takesOffers() {
        return takesOffers;
    }

    /**
     * Asks what every carrier has to ask before anything of it is read, and counts an attempt to
     * connect: for one that is about to be made by other means than HTTP's.
     *
     * @return why not; null to go on
     */
    public @Nullable Refusal attempt(Visitor visitor) {
        if (draining) return Refusal.of(ErrorCode.GOING_AWAY, "The server is going down.");
        if (isFull()) return full();
        return switch (sessions.knock(visitor)) {
            case Sessions.Refused(Ending why) -> (Refusal) why.last();
            case Sessions.Welcomed(String key) -> {
                Refusal spent = connections.spent(key, nowMillis());
                connections.charge(key, nowMillis());
                yield spent;
            }
            case Sessions.Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
    }

    /** Counts a refusal. */
    public void refused(Refusal why) {
        metrics.refused(why.knownCode());
    }

    /**
     * A carrier for the session of one client, which was let in by {@link #attempt}.
     *
     * @param id whose it is
     */
    public PipeCarrier carry(Visitor visitor, CarrierKind kind, Id id, PacketPipe pipe) {
        return new PipeCarrier(this, new PipeCarrier.Client(visitor, id), kind, pipe);
    }

    LinkFaults faults() {
        return faults;
    }

    /** Keeps a POST without an answer where the way down that it belongs to is dark. */
    boolean swallows(Hello hello, HttpServerExchange exchange) {
        if (faults.isEmpty()) return false;
        // One way down that is not dark is enough: the POST belongs to it.
        long until = Long.MAX_VALUE;
        for (CarrierKind kind : kindsOf(hello.id())) {
            until = Math.min(until, faults.darkUntil(hello.id(), kind, nowMillis()));
        }
        if (until == 0) return false;
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {});
        timers.later(() -> IoUtils.safeClose(exchange.getConnection()), until - nowMillis());
        return true;
    }

    /** What somebody reads by now; between two polls, any kind of poll. */
    private Set<CarrierKind> kindsOf(Id id) {
        Set<CarrierKind> kinds = EnumSet.noneOf(CarrierKind.class);
        for (ReadingCarrier carrier : carriers) {
            if (carrier.isOf(id) && !carrier.ended()) kinds.add(carrier.kind());
        }
        return kinds.isEmpty() ? EnumSet.of(CarrierKind.LONG_POLL, CarrierKind.POLL) : kinds;
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
        List<ReadingCarrier> present = List.copyOf(carriers);
        long spreadMillis = spread.toMillis();
        for (int i = 0; i < present.size(); i++) {
            ReadingCarrier carrier = present.get(i);
            long at = spreadMillis * i / present.size();
            long back = spreadMillis - at + returnMillis();
            timers.later(() -> carrier.end(Ending.move(back)), at);
        }
        timers.later(
                () -> {
                    carriers.forEach(ReadingCarrier::abort);
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
        carriers.forEach(ReadingCarrier::abort);
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

    Meters meters() {
        return meters;
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

    /** A carrier is there. */
    void opened(ReadingCarrier carrier) {
        connections.open();
        metrics.opened(carrier.kind());
        carriers.add(carrier);
    }

    /** A carrier is gone. */
    void closed(ReadingCarrier carrier) {
        carriers.remove(carrier);
        connections.close(carrier.door().limitsKey());
        metrics.closed(carrier.kind());
        if (draining && carriers.isEmpty()) drained.complete(null);
    }

    private void opened(Visitor visitor, WebSocketChannel channel) {
        WebSocketCarrier carrier = new WebSocketCarrier(this, visitor, channel);
        opened(carrier);
        carrier.open();
    }

    private void sweep() {
        long now = nowMillis();
        for (ReadingCarrier carrier : carriers) carrier.check(now);
        connections.sweep(now);
        meters.sweep(now);
        faults.sweep(now);
        sessions.advance(now);
    }

    private static boolean asksForProtocol(HeaderMap headers) {
        String asked = headers.getFirst(Headers.SEC_WEB_SOCKET_PROTOCOL);
        return asked != null && List.of(asked.split("\\s*,\\s*")).contains(SUBPROTOCOL);
    }

    /** Who sent a request. */
    public static Visitor visitor(HttpServerExchange exchange) {
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
