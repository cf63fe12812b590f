package dev.peerline.server;

import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.server.door.Mode;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.HttpFace;
import dev.peerline.server.http.TokenAdmission;
import dev.peerline.server.ice.IceServerList;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.ticket.Tickets;
import dev.peerline.server.token.Tokens;
import dev.peerline.signaling.rooms.Rooms;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The parts, put together: rooms, their sessions, and HTTP in front. Used by one thread. */
final class Server implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());

    /** Readers are sent away one after the other, so that they do not come back all at once. */
    private static final Duration SPREAD_PER_READER = Duration.ofMillis(2);

    private static final Duration LONGEST_SPREAD = Duration.ofSeconds(4);
    private static final Duration READERS_LIMIT = Duration.ofSeconds(6);

    /** All limits together stay below the 10 s in which the process ends. */
    private static final Duration REQUESTS_LIMIT = Duration.ofSeconds(2);

    private final LinkHandler link;
    private final HttpFace http;

    private Server(LinkHandler link, HttpFace http) {
        this.link = link;
        this.http = http;
    }

    /**
     * Starts; it accepts connections when this returns.
     *
     * @throws java.net.BindException when a port is not to be had
     */
    static Server start(ServerConfig config, InstantSource clock) throws IOException {
        HttpConfig http = config.http();
        Metrics metrics = new Metrics();
        boolean trustLoopback = http.page().mode() != Mode.PUBLIC;
        IceServerList iceServers = new IceServerList(config.iceServers(), clock);
        Rooms rooms =
                new Rooms(
                        new TokenAdmission(http.doors(), http.tokens(), trustLoopback),
                        iceServers,
                        "peerline/" + http.page().version(),
                        config.rooms(),
                        metrics);
        Tokens tokens = http.tokens();
        Tickets tickets =
                new Tickets(tokens == null ? List.of() : tokens.keys(Tickets.PURPOSE), clock);
        LinkHandler link = new LinkHandler(rooms, config.link(), metrics, HttpFace.reader(tickets));
        metrics.rooms(rooms::gauges);
        metrics.gauge("link_connections", link::connections);
        try {
            HttpFace.Inside inside = new HttpFace.Inside(link, tickets, iceServers, metrics);
            return new Server(link, HttpFace.open(http, inside, clock));
        } catch (IOException | RuntimeException problem) {
            link.close();
            throw problem;
        }
    }

    HttpFace http() {
        return http;
    }

    /**
     * Sends everybody away in order: not ready any more, readers told to move, requests answered.
     * Returns within 8 s.
     */
    void drain() throws InterruptedException {
        int readers = link.connections();
        LOG.log(Level.INFO, "event=drain readers=" + readers);
        http.startDraining();
        Duration spread = SPREAD_PER_READER.multipliedBy(readers);
        if (spread.compareTo(LONGEST_SPREAD) > 0) spread = LONGEST_SPREAD;
        try {
            link.drain(spread).get(READERS_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException problem) {
            LOG.log(Level.WARNING, "event=drain-incomplete readers=" + link.connections(), problem);
        }
        http.stopAccepting();
        if (!http.awaitIdle(REQUESTS_LIMIT))
            LOG.log(Level.WARNING, "event=drain-incomplete requests=" + http.inFlight());
    }

    @Override
    public void close() {
        link.close();
        http.close();
    }
}
