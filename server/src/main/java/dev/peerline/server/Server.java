package dev.peerline.server;

import dev.peerline.fallback.grpc.PushMetrics;
import dev.peerline.fallback.grpc.PushServer;
import dev.peerline.fallback.grpc.client.MeasuredSubscription;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.topics.TopicHandler;
import dev.peerline.server.door.Mode;
import dev.peerline.server.grpc.GrpcFace;
import dev.peerline.server.grpc.GrpcPlan;
import dev.peerline.server.grpc.TokenPushAccess;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.HttpFace;
import dev.peerline.server.http.HttpFace.OfferTaker;
import dev.peerline.server.http.SessionTopicDoor;
import dev.peerline.server.http.TokenAdmission;
import dev.peerline.server.http.TokenTopicAccess;
import dev.peerline.server.ice.IceServer;
import dev.peerline.server.ice.IceServerList;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.PushCounters;
import dev.peerline.server.metrics.TopicCounters;
import dev.peerline.server.pushpeer.PushPeer;
import dev.peerline.server.pushpeer.PushPeerCounters;
import dev.peerline.server.pushpeer.PushPeerPlan;
import dev.peerline.server.relay.BuiltInRelay;
import dev.peerline.server.relay.BuiltInRelayPlan;
import dev.peerline.server.ticket.Tickets;
import dev.peerline.server.token.Tokens;
import dev.peerline.signaling.rooms.Rooms;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** The parts, put together: rooms, their sessions, and HTTP in front. Used by one thread. */
final class Server implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    /** Readers are sent away one after the other, so that they do not come back all at once. */
    private static final Duration SPREAD_PER_READER = Duration.ofMillis(2);

    private static final Duration LONGEST_SPREAD = Duration.ofSeconds(4);
    private static final Duration READERS_LIMIT = Duration.ofSeconds(6);

    /** All limits together stay below the 10 s in which the process ends. */
    private static final Duration REQUESTS_LIMIT = Duration.ofSeconds(2);

    private static final Duration CALLS_LIMIT = Duration.ofSeconds(1);

    private final LinkHandler link;
    private final TopicHandler topics;
    private final HttpFace http;
    private final @Nullable BuiltInRelay relay;
    private final @Nullable PushServer grpc;
    private final @Nullable PushPeer pushPeer;
    private final Storage storage;

    private Server(
            LinkHandler link,
            TopicHandler topics,
            HttpFace http,
            @Nullable BuiltInRelay relay,
            @Nullable PushServer grpc,
            @Nullable PushPeer pushPeer,
            Storage storage) {
        this.link = link;
        this.topics = topics;
        this.http = http;
        this.relay = relay;
        this.grpc = grpc;
        this.pushPeer = pushPeer;
        this.storage = storage;
    }

    /**
     * Starts; it accepts connections when this returns.
     *
     * @throws java.net.BindException when a port is not to be had
     */
    static Server start(ServerConfig config, InstantSource clock) throws IOException {
        BuiltInRelayPlan plan = config.relay();
        if (plan == null) return start(config, null, clock);
        BuiltInRelay relay = BuiltInRelay.start(plan);
        try {
            return start(config, relay, clock);
        } catch (IOException | RuntimeException problem) {
            relay.close();
            throw problem;
        }
    }

    private static Server start(
            ServerConfig config, @Nullable BuiltInRelay relay, InstantSource clock)
            throws IOException {
        HttpConfig http = config.http();
        Metrics metrics = new Metrics();
        boolean trustLoopback = http.page().mode() != Mode.PUBLIC;
        // What is told of the relay depends on the ports that HTTP gets
        AtomicReference<List<IceServer>> told = new AtomicReference<>(config.iceServers());
        IceServerList iceServers = new IceServerList(told::get, clock);
        if (relay != null) metrics.part(relay::metrics);
        Storage storage = Storage.open(config);
        metrics.gauge("storage_trouble", () -> storage.isInTrouble() ? 1 : 0);
        Tokens tokens = http.tokens();
        Tickets tickets =
                new Tickets(tokens == null ? List.of() : tokens.keys(Tickets.PURPOSE), clock);
        TopicCounters counters = new TopicCounters(storage.topics()::gauges, metrics);
        metrics.part(counters::text);
        TokenTopicAccess access = new TokenTopicAccess(tokens, tickets, config.topics());
        TokenAdmission admission = new TokenAdmission(http.doors(), http.tokens(), trustLoopback);
        Rooms rooms =
                new Rooms(
                        admission,
                        iceServers,
                        "peerline/" + http.page().version(),
                        config.rooms(),
                        metrics,
                        storage.rooms(),
                        new SessionTopicDoor(
                                storage.topics(),
                                access,
                                counters,
                                config.topics().readers().maxMessageBytes(),
                                trustLoopback));
        LinkHandler link = new LinkHandler(rooms, config.link(), metrics, HttpFace.reader(tickets));
        TopicHandler topics =
                new TopicHandler(storage.topics(), access, config.topics().readers(), counters);
        metrics.gauge("topic_readers", topics::readers);
        metrics.rooms(rooms::gauges);
        metrics.gauge("link_connections", link::connections);
        PushServer grpc = null;
        PushPeer pushPeer = null;
        try {
            pushPeer = pushPeer(config, link, metrics);
            grpc =
                    grpc(
                            config,
                            new PushServer.Inside(
                                    storage.topics(),
                                    new TokenPushAccess(access, topics, http),
                                    counted(counters, metrics)),
                            metrics);
            HttpFace.Inside inside =
                    new HttpFace.Inside(
                            link,
                            topics,
                            tickets,
                            iceServers,
                            metrics,
                            relay == null ? null : relay.server(),
                            pushPeer == null ? null : new OfferTaker(pushPeer, admission),
                            new HttpFace.Compared(storage.topics(), own(config, grpc)));
            HttpFace face = HttpFace.open(http, inside, clock);
            if (relay != null) {
                List<InetSocketAddress> own = new ArrayList<>(face.places());
                if (grpc != null) own.addAll(grpc.places());
                relay.protect(own);
                List<IceServer> all = new ArrayList<>(relay.iceServers(face.tlsPort()));
                all.addAll(config.iceServers());
                told.set(all);
            }
            return new Server(link, topics, face, relay, grpc, pushPeer, storage);
        } catch (IOException | RuntimeException problem) {
            if (pushPeer != null) pushPeer.close();
            if (grpc != null) grpc.close();
            link.close();
            topics.close();
            storage.close();
            throw problem;
        }
    }

    /** Null without one. */
    @Nullable BuiltInRelay relay() {
        return relay;
    }

    private static @Nullable PushPeer pushPeer(
            ServerConfig config, LinkHandler link, Metrics metrics) throws IOException {
        PushPeerPlan plan = config.pushPeer();
        if (plan == null) return null;
        PushPeerCounters counters = new PushPeerCounters();
        PushPeer peer = PushPeer.open(plan, link, counters);
        metrics.part(counters::text);
        metrics.gauge("push_peers", peer::connections);
        metrics.gauge("push_peers_setting_up", peer::settingUp);
        return peer;
    }

    /** Null without one. */
    @Nullable PushPeer pushPeer() {
        return pushPeer;
    }

    private static PushMetrics counted(TopicCounters topics, Metrics metrics) {
        PushCounters counters = new PushCounters(topics, metrics);
        metrics.part(counters::text);
        return counters;
    }

    private static @Nullable PushServer grpc(
            ServerConfig config, PushServer.Inside inside, Metrics metrics) throws IOException {
        GrpcPlan plan = config.grpc();
        if (plan == null) return null;
        PushServer server = GrpcFace.open(plan, inside);
        metrics.gauge("grpc_connections", server::connections);
        return server;
    }

    /** Where this server finds its own gRPC; null without it. */
    private static MeasuredSubscription.@Nullable Target own(
            ServerConfig config, @Nullable PushServer grpc) {
        GrpcPlan plan = config.grpc();
        if (plan == null || grpc == null) return null;
        InetSocketAddress place = grpc.places().getFirst();
        boolean any = place.getAddress().isAnyLocalAddress();
        InetAddress address = any ? InetAddress.ofLiteral("127.0.0.1") : place.getAddress();
        HttpConfig.Tls tls = plan.tls() == null ? null : config.http().tls();
        return new MeasuredSubscription.Target(
                new InetSocketAddress(address, grpc.port()),
                tls == null ? null : tls.certificate().ownClient());
    }

    /** Null without one. */
    @Nullable PushServer grpc() {
        return grpc;
    }

    /** Those who read topics now, on any way but polling. */
    int readers() {
        return topics.readers();
    }

    HttpFace http() {
        return http;
    }

    /**
     * Sends everybody away in order: not ready any more, readers told to move, requests answered.
     * Returns within 9 s.
     */
    void drain() throws InterruptedException {
        int readers = link.connections() + topics.readers();
        LOG.log(Level.INFO, "event=drain readers=" + readers);
        http.startDraining();
        BuiltInRelay here = relay;
        if (here != null) stopAllocating(here);
        Duration spread = SPREAD_PER_READER.multipliedBy(readers);
        if (spread.compareTo(LONGEST_SPREAD) > 0) spread = LONGEST_SPREAD;
        PushServer pushes = grpc;
        if (pushes != null) pushes.startDraining(spread);
        try {
            CompletableFuture.allOf(link.drain(spread), topics.drain(spread))
                    .get(READERS_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException problem) {
            int left = link.connections() + topics.readers();
            LOG.log(Level.WARNING, "event=drain-incomplete readers=" + left, problem);
        }
        http.stopAccepting();
        if (!http.awaitIdle(REQUESTS_LIMIT))
            LOG.log(Level.WARNING, "event=drain-incomplete requests=" + http.inFlight());
        if (pushes != null && !pushes.awaitIdle(CALLS_LIMIT))
            LOG.log(Level.WARNING, "event=drain-incomplete part=grpc");
    }

    private static void stopAllocating(BuiltInRelay relay) {
        try {
            relay.startDraining();
        } catch (IOException problem) {
            LOG.log(Level.WARNING, "event=drain-incomplete", problem);
        }
    }

    @Override
    public void close() {
        BuiltInRelay here = relay;
        if (here != null) here.close();
        PushServer pushes = grpc;
        if (pushes != null) pushes.close();
        link.close();
        PushPeer peer = pushPeer;
        if (peer != null) peer.close();
        topics.close();
        http.close();
        storage.close();
    }
}
