package dev.peerline.server.pushpeer;

import dev.peerline.datachannel.PeerConnectionFactory;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.dtls.DtlsCertificate;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.TcpOptions;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The server as a WebRTC peer: answers offers, and has sessions run on the data channels that come
 * of them. All share one UDP port and one thread for its packets; a channel that is quiet costs
 * none. Thread-safe.
 */
public final class PushPeer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PushPeer.class.getName());

    /**
     * What may be on its way to one client besides a packet: a carrier makes the next when less
     * than this waits, and what comes after it waits in the log.
     */
    private static final int SEND_AHEAD_BYTES = 64 << 10;

    /** No packet is larger, and one goes whatever waits. */
    private static final int MAX_BUFFERED_BYTES =
            SEND_AHEAD_BYTES + 2 * LinkLimits.MAX_PACKET_BYTES;

    private static final int MAX_BACKLOG_BYTES = LinkLimits.MAX_PACKET_BYTES;
    private static final int WINDOW_BYTES = 2 * LinkLimits.MAX_PACKET_BYTES;
    private static final int MAX_QUEUED_BYTES = 4 << 20;

    /** What is told to whoever sends something else. */
    public static final Refusal NO_OFFER =
            Refusal.of(ErrorCode.BAD_FRAME, "That is no offer of a data channel.");

    private final LinkHandler link;
    private final PushPeerPlan plan;
    private final PeerConnectionFactory port;
    private final PushPeerCount count;
    private final PushPeerCounters counters;
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private final PeerConnectionOptions options;
    private final Set<PushPeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final List<InetAddress> announced;

    private PushPeer(
            PushPeerPlan plan,
            PeerConnectionFactory port,
            LinkHandler link,
            PushPeerCounters counters) {
        this.plan = plan;
        this.port = port;
        this.link = link;
        this.counters = counters;
        count = new PushPeerCount(plan.maxPeers(), plan.setupsPerSecond());
        // One certificate for all: this peer is no secret, and a key for each would cost a
        // signature.
        options =
                PeerConnectionOptions.defaults()
                        .withCertificate(DtlsCertificate.generate())
                        .withIce(IceOptions.defaults().withResolveMdns(false))
                        .withCallbacks(callbacks)
                        .withSctp(
                                SctpConfig.defaults()
                                        .withMemory(
                                                LinkLimits.MAX_PACKET_BYTES,
                                                WINDOW_BYTES,
                                                WINDOW_BYTES,
                                                MAX_QUEUED_BYTES))
                        .withBuffers(SEND_AHEAD_BYTES, MAX_BUFFERED_BYTES, MAX_BACKLOG_BYTES);
        List<InetAddress> own =
                port.localAddresses().stream().map(InetSocketAddress::getAddress).toList();
        announced = plan.announced().stream().filter(each -> !own.contains(each)).toList();
    }

    /**
     * Opens the port, and has clients told of it.
     *
     * @throws BindException when the port is not to be had; the message names the option
     */
    public static PushPeer open(PushPeerPlan plan, LinkHandler link, PushPeerCounters counters)
            throws IOException {
        PushPeer peer = new PushPeer(plan, bind(plan), link, counters);
        link.takeOffers();
        return peer;
    }

    private static PeerConnectionFactory bind(PushPeerPlan plan) throws IOException {
        IcePortOptions wanted = plan.port();
        try {
            return PeerConnectionFactory.open(wanted);
        } catch (BindException problem) {
            String said = String.valueOf(problem.getMessage());
            boolean named = said.startsWith("TCP port") && wanted.tcp().port() != 0;
            if (named || !plan.mayMove()) throw new BindException(hint(wanted, said));
        }
        PeerConnectionFactory moved = PeerConnectionFactory.open(wanted.withPort(0));
        LOG.log(
                Level.WARNING,
                "event=push-peer-port-taken wanted=%d taken=%d hint=\"--push-peer-port says which\""
                        .formatted(
                                wanted.firstPort(), moved.localAddresses().getFirst().getPort()));
        return moved;
    }

    /** The UDP port. */
    public int port() {
        return port.localAddresses().getFirst().getPort();
    }

    private static String hint(IcePortOptions wanted, String problem) {
        return problem.startsWith("TCP port")
                ? problem + " (choose another with --push-peer-tcp-port)"
                : "UDP port %d: %s (choose another with --push-peer-port)"
                        .formatted(wanted.firstPort(), problem);
    }

    private Descriptions.Ports ports() {
        TcpOptions tcp = plan.port().tcp();
        int tcpPort = tcp.port() == 0 ? port() : tcp.port();
        return new Descriptions.Ports(port(), tcp.passive() ? tcpPort : 0);
    }

    /** Data channels, and those that are being set up. */
    public int connections() {
        return count.total();
    }

    /** Those that are being set up. */
    public int settingUp() {
        return count.settingUp();
    }

    /** What came of an offer. */
    public sealed interface Outcome {}

    /**
     * The client is to be told this.
     *
     * @param sdp with all candidates
     */
    public record Answered(String sdp) implements Outcome {}

    /** The client is told why not. */
    public record Refused(Refusal why) implements Outcome {}

    /**
     * Answers an offer. Whoever made it was let in; they have some seconds to open the channel.
     *
     * @param id whose session the channel is for, and nobody else's
     * @param limitsKey whose limits count; null for somebody who is exempt
     */
    public CompletableFuture<Outcome> answer(
            String offer, Visitor visitor, Id id, @Nullable String limitsKey) {
        Refusal refusal = count.begin(limitsKey, System.nanoTime());
        if (refusal == null && !Descriptions.offersChannel(offer)) {
            count.settled(limitsKey);
            count.ended();
            refusal = NO_OFFER;
        }
        if (refusal != null) {
            counters.count(PushPeerCounters.Result.REFUSED);
            return CompletableFuture.completedFuture(new Refused(refusal));
        }
        PushPeerConnection connection =
                new PushPeerConnection(
                        port.create(options),
                        link,
                        new PushPeerConnection.Client(visitor, id),
                        owner(limitsKey));
        connections.add(connection);
        return connection
                .answer(Descriptions.withoutCandidates(offer))
                .thenApply(sdp -> new Answered(Descriptions.announcing(sdp, announced, ports())));
    }

    private PushPeerConnection.Owner owner(@Nullable String limitsKey) {
        return new PushPeerConnection.Owner() {
            @Override
            public void settled(PushPeerCounters.Result result) {
                counters.count(result);
                count.settled(limitsKey);
            }

            @Override
            public void ended(PushPeerConnection connection) {
                if (connections.remove(connection)) count.ended();
            }

            @Override
            public ExecutorService executor() {
                return callbacks;
            }
        };
    }

    /** Ends all that is left; their clients are told as far as that goes without waiting. */
    @Override
    public void close() {
        connections.forEach(PushPeerConnection::cut);
        port.close();
        callbacks.shutdown();
    }

    @Override
    public String toString() {
        return "PushPeer on UDP port " + port() + ", " + plan;
    }
}
