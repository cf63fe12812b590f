package dev.peerline.server.http;

import dev.peerline.fallback.grpc.client.MeasuredSubscription;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.TicketReader;
import dev.peerline.fallback.http.topics.TopicHandler;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.server.certificate.ServerCertificate;
import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.door.Mode;
import dev.peerline.server.http.Routes.Door;
import dev.peerline.server.ice.IceServerList;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Route;
import dev.peerline.server.pushpeer.PushPeer;
import dev.peerline.server.reload.Reloader;
import dev.peerline.server.ticket.Tickets;
import dev.peerline.server.token.Tokens;
import dev.peerline.signaling.rooms.Admission;
import dev.peerline.turn.RelayServer;

import io.undertow.server.HttpHandler;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that is reached by HTTP: pages, SDK, API, health, metrics. Opened, drained and closed
 * by one thread; it answers on I/O threads of its own, and no handler blocks.
 */
public final class HttpFace implements AutoCloseable {
    private static final int PORT_ATTEMPTS = 4;

    private final HttpConfig config;
    private final @Nullable RelayServer relay;
    private final Connections connections;
    private final Listeners listeners;
    private final Requests requests;
    private final Requests metricsRequests;
    private final CompareDoor compare;
    private volatile boolean draining;
    private volatile int port;
    private volatile int tlsPort = -1;
    private volatile @Nullable Reloader reloader;
    private volatile int metricsPort = -1;

    /** What stands behind the doors. */
    public record Inside(
            LinkHandler link,
            TopicHandler topics,
            Tickets tickets,
            IceServerList iceServers,
            Metrics metrics,
            @Nullable RelayServer relay,
            @Nullable OfferTaker offers,
            Compared compared) {}

    /**
     * The server as a peer.
     *
     * @param admission asked for who makes an offer
     */
    public record OfferTaker(PushPeer peer, Admission admission) {}

    /**
     * What the comparison of transports shows besides.
     *
     * @param topics to see when a message is in them
     * @param grpc where it is served; null for nowhere
     */
    public record Compared(Topics topics, MeasuredSubscription.@Nullable Target grpc) {}

    private HttpFace(HttpConfig config, Inside inside, InstantSource clock) throws IOException {
        this.config = config;
        this.relay = inside.relay();
        Metrics metrics = inside.metrics();
        HttpConfig.Limits limits = config.limits();
        Bearer bearer = new Bearer(config.tokens());
        Api api = new Api(metrics, config.page().version(), () -> draining);
        Map<String, Door> paths = api.health();
        if (config.page().mode() != Mode.PUBLIC) paths.put("/metrics", api.metrics());
        paths.put("/v1/ice-servers", api.iceServers(inside.iceServers(), bearer));
        paths.put("/v1/config", Door.reading(Route.CONFIG, at -> Answers.json(at, pageConfig())));
        Tokens tokens = config.tokens();
        if (tokens != null && config.page().openDemo())
            paths.put("/v1/demo-token", demoTokens(tokens, metrics, clock));
        Set<HttpString> post = Set.of(Methods.POST);
        paths.put("/v1/tickets", new Door(Route.TICKETS, post, new TicketDoor(inside.tickets())));
        if (config.page().demoFaults())
            paths.put(
                    "/v1/demo-faults",
                    new Door(Route.DEMO_FAULTS, post, new DemoFaults(inside.link())));
        compare =
                new CompareDoor(
                        inside.compared().grpc(),
                        this::pushing,
                        inside.compared().topics(),
                        inside.offers() != null);
        paths.put("/v1/compare", Door.reading(Route.COMPARE, compare::capabilities));
        paths.put(
                "/v1/compare/grpc",
                new Door(Route.COMPARE, Set.of(Methods.GET), compare::relayGrpc));
        paths.put(
                "/v1/compare/http2-push",
                new Door(Route.COMPARE, Set.of(Methods.GET), compare::relayPushes));
        HttpHandler routes = new Routes(paths, carriers(inside), inside.topics(), new Pages());
        HttpHandler limited = new RateLimit(limits.requestsPerSecond(), bearer, metrics, routes);
        HttpHandler entrance =
                new Entrance(config.doors(), config.clients(), trustLoopback(), metrics, limited);
        Streams streams = new Streams(entrance);
        this.requests = new Requests(metrics, config.timeouts().body(), streams);

        Map<String, Door> monitoring = api.health();
        monitoring.put("/metrics", api.metrics());
        this.metricsRequests =
                new Requests(
                        metrics,
                        config.timeouts().body(),
                        new MetricsDoor(config.doors(), monitoring));

        this.connections =
                new Connections(
                        limits.connections(),
                        limits.connectionsPerAddress(),
                        trustLoopback(),
                        config.clients(),
                        metrics);
        this.listeners = new Listeners(connections, config.timeouts());
        listeners.everySecond(inside.topics()::advance);
        metrics.gauge("connections", connections::count);
        metrics.gauge("http_requests_in_flight", requests::inFlight);
        metrics.gauge("draining", () -> draining ? 1 : 0);
    }

    private static HttpHandler carriers(Inside inside) {
        OfferTaker offers = inside.offers();
        if (offers == null) return inside.link();
        return new OfferDoor(offers.peer(), offers.admission(), inside.link());
    }

    private Door demoTokens(Tokens tokens, Metrics metrics, InstantSource clock) {
        int perHour = config.limits().demoTokensPerHour();
        return new Door(
                Route.DEMO_TOKEN,
                Set.of(Methods.POST),
                new DemoTokens(tokens, config.doors(), perHour, metrics, clock));
    }

    /** Where this server finds its own TLS port. */
    private CompareDoor.@Nullable Pushing pushing() {
        HttpConfig.Tls tls = config.tls();
        if (tls == null || tlsPort < 0) return null;
        InetAddress first = config.addresses().getFirst();
        String host = first.isAnyLocalAddress() ? "127.0.0.1" : IpLiteral.inUrl(first);
        return new CompareDoor.Pushing(
                URI.create("https://%s:%d".formatted(host, tlsPort)),
                tls.certificate().ownClient());
    }

    private boolean trustLoopback() {
        return config.page().mode() != Mode.PUBLIC;
    }

    /** Opens what clients show instead of a header. */
    public static TicketReader reader(Tickets tickets) {
        return TicketDoor.reader(tickets);
    }

    /**
     * Opens all ports.
     *
     * @throws BindException when one is not to be had; the message names it
     */
    public static HttpFace open(HttpConfig config, Inside inside, InstantSource clock)
            throws IOException {
        HttpFace face = new HttpFace(config, inside, clock);
        try {
            face.openPorts();
            return face;
        } catch (IOException | RuntimeException problem) {
            face.close();
            throw problem;
        }
    }

    private void openPorts() throws IOException {
        port = naming("--port", this::openHttp);
        HttpConfig.Tls tls = config.tls();
        if (tls != null) tlsPort = naming("--tls-port", () -> openTls(tls));
        InetSocketAddress metrics = config.metrics();
        if (metrics != null)
            metricsPort =
                    naming("--metrics-port", () -> listeners.listen(metrics, metricsRequests));
    }

    private interface Opening {
        int open() throws IOException;
    }

    /** Names the option that would help. */
    private static int naming(String option, Opening opening) throws IOException {
        try {
            return opening.open();
        } catch (BindException problem) {
            throw new BindException(problem.getMessage() + " (choose another with " + option + ")");
        }
    }

    private int openHttp() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                int wanted = config.port();
                for (InetAddress address : config.addresses())
                    wanted = listeners.listen(new InetSocketAddress(address, wanted), requests);
                return wanted;
            } catch (BindException problem) {
                // Any port was asked for, and this one was free on the first address alone.
                listeners.stopAccepting();
                if (config.port() != 0 || attempt == PORT_ATTEMPTS) throw problem;
            }
        }
    }

    private int openTls(HttpConfig.Tls tls) throws IOException {
        int wanted = tls.port();
        ServerCertificate certificate = tls.certificate();
        for (InetAddress address : config.addresses())
            wanted =
                    listeners.listen(
                            new InetSocketAddress(address, wanted),
                            certificate.context(),
                            requests,
                            relay);
        if (!certificate.files().isEmpty())
            reloader = Reloader.start(certificate::files, certificate::reload);
        return wanted;
    }

    private String pageConfig() {
        InetAddress lan = config.lanAddress();
        return config.page()
                .json(lan == null ? null : "http://" + IpLiteral.inUrl(lan) + ":" + port);
    }

    /** The port of plain HTTP. */
    public int port() {
        return port;
    }

    /** The port of HTTPS; -1 when there is none. */
    public int tlsPort() {
        return tlsPort;
    }

    /** The port of metrics alone; -1 when there is none. */
    public int metricsPort() {
        return metricsPort;
    }

    /** Every socket that listens. */
    public List<InetSocketAddress> places() {
        return listeners.places();
    }

    /** From now on {@code /readyz} says no; all else goes on. */
    public void startDraining() {
        draining = true;
    }

    /** Takes no further connections. */
    public void stopAccepting() {
        listeners.stopAccepting();
    }

    /** How many requests are not answered yet. */
    public int inFlight() {
        return requests.inFlight();
    }

    /** Waits until all are answered; false when some are not within the limit. */
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        return requests.awaitIdle(limit);
    }

    @Override
    public void close() {
        Reloader here = reloader;
        if (here != null) here.close();
        listeners.close();
        compare.close();
    }
}
