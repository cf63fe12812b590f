package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.turn.TurnClient;
import dev.peerline.datachannel.ice.turn.TurnEvents;
import dev.peerline.datachannel.ice.turn.TurnOptions;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** A relayed address of a session's own: a TURN client, and the transport to its server. */
final class RelayEnd implements LocalEnd {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Addresses of peers whose checks were good. */
    private static final int MAX_SOURCES = 64;

    private final IceLoop loop;
    private final IceServer server;
    private final Events events;
    private final int localPreference;
    private final TurnClient client;
    private final MutableAddress source = new MutableAddress();
    private final Set<TransportAddress> sources = new HashSet<>();
    private final TurnTransport transport;
    private @Nullable TransportAddress relayed;
    private @Nullable TransportAddress mapped;
    private IceLoop.@Nullable Timer timer;
    private boolean closed;

    interface Events {
        void allocated(RelayEnd end);

        /** There is no relay, or no longer. */
        void failed(RelayEnd end, int code, String hint);

        /** STUN of a peer. */
        void stun(RelayEnd end, TransportAddress from, ByteBuffer message);

        void data(RelayEnd end, MutableAddress from, ByteBuffer packet);
    }

    /** Where a server is, and what it is to us. */
    record Place(IceServer server, TransportAddress address, int localPreference) {}

    /**
     * Asks for an allocation; the events come later.
     *
     * @throws IOException if no socket is to be had
     */
    RelayEnd(IceLoop loop, Place place, Duration timeout, Events events) throws IOException {
        this.loop = loop;
        this.events = events;
        server = place.server;
        localPreference = place.localPreference;
        boolean udp = server.kind() == IceServer.Kind.TURN_UDP;
        TurnOptions options =
                new TurnOptions(
                        server.username(),
                        server.credential(),
                        !udp,
                        !place.address.isIpv4(),
                        timeout.toNanos());
        client = new TurnClient(options, new Client(), RANDOM::nextLong);
        Wire wire = new Wire();
        transport =
                udp
                        ? new TurnUdp(loop, place.address, wire)
                        : new TurnStream(loop, server, place.address, wire);
    }

    IceServer server() {
        return server;
    }

    /** Notes that a peer's check was good, so that its packets are taken. */
    void claim(TransportAddress from) {
        if (sources.size() < MAX_SOURCES) sources.add(from);
    }

    @Override
    public TransportAddress address() {
        if (relayed == null) throw new IllegalStateException("relay: not allocated yet");
        return relayed;
    }

    @Override
    public TransportAddress related() {
        return mapped == null ? address() : mapped;
    }

    @Override
    public IceCandidate.Kind kind() {
        return IceCandidate.Kind.RELAY;
    }

    @Override
    public String relayProtocol() {
        return transport.protocol();
    }

    @Override
    public int typePreference() {
        return switch (server.kind()) {
            case TURN_TCP -> CandidatePriority.RELAY_TCP;
            case TURN_TLS -> CandidatePriority.RELAY_TLS;
            default -> CandidatePriority.RELAY_UDP;
        };
    }

    @Override
    public int localPreference() {
        return localPreference;
    }

    @Override
    public boolean send(ByteBuffer packet, TransportAddress to) {
        if (closed) return false;
        boolean sent = client.send(packet, to, IceLoop.nowNanos());
        arm();
        return sent;
    }

    /** Sets the timer, if the client wants to be called earlier than before. */
    private void arm() {
        long now = IceLoop.nowNanos();
        long deadline = client.deadline(now);
        if (timer != null) {
            if (timer.dueNanos() - deadline <= 0) return;
            timer.cancel();
        }
        timer = deadline == Long.MAX_VALUE ? null : loop.scheduleAt(deadline, this::advance);
    }

    private void advance() {
        if (closed) return;
        timer = null;
        client.advance(IceLoop.nowNanos());
        arm();
    }

    void close() {
        if (closed) return;
        client.close(IceLoop.nowNanos());
        end();
    }

    private void end() {
        closed = true;
        if (timer != null) timer.cancel();
        transport.close();
    }

    private void fail(int code, String hint) {
        if (closed) return;
        end();
        events.failed(this, code, hint);
    }

    private final class Wire implements TurnTransport.Events {
        @Override
        public void ready() {
            if (closed) return;
            client.start(IceLoop.nowNanos());
            arm();
        }

        @Override
        public void received(ByteBuffer message) {
            if (closed) return;
            client.received(message, IceLoop.nowNanos());
            if (!closed) arm();
        }

        @Override
        public void broken(String hint) {
            fail(0, hint);
        }
    }

    private final class Client implements TurnEvents {
        @Override
        public void transmit(ByteBuffer message) {
            transport.send(message);
        }

        @Override
        public void allocated(TransportAddress newRelayed, TransportAddress newMapped) {
            relayed = newRelayed;
            mapped = newMapped;
            events.allocated(RelayEnd.this);
        }

        @Override
        public void failed(int code, String hint) {
            fail(code, hint);
        }

        @Override
        public void packet(TransportAddress peer, ByteBuffer payload) {
            if (!payload.hasRemaining()) return;
            if (SharedPort.isStun(payload)) events.stun(RelayEnd.this, peer, payload);
            else if (sources.contains(peer)) events.data(RelayEnd.this, source.set(peer), payload);
        }
    }
}
