package dev.peerline.sdk.direct;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.DataChannelState;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.PeerConnectionState;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.SelectedPair;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Signal;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;

/**
 * A {@link PeerConnection} with the two channels that docs/protocol.md, section 4 agrees on. All of
 * it runs on the loop, which is where the connection's listeners are called; what waits, the making
 * of keys and sockets, does so elsewhere, and signals that come meanwhile are kept.
 */
final class DataChannelConnection implements Connection {
    private static final Logger LOG = System.getLogger(DataChannelConnection.class.getName());

    /** Signals that come before there is a socket: an offer, and candidates. */
    private static final int MAX_EARLY = 64;

    /** What the reliable channel may hold before the link keeps the rest; when it asks for more. */
    private static final int MAX_BUFFERED = 256 << 10;

    private static final int LOW_BUFFERED = 64 << 10;

    private final Connector.Plan plan;
    private final Events events;
    private final Evidence evidence = new Evidence();
    private final List<Signal> early = new ArrayList<>();
    private @Nullable Up up;
    private boolean closed;

    /** What there is once there is a socket. */
    private record Up(
            PeerConnection connection,
            DataChannel reliable,
            DataChannel loose,
            Negotiator negotiator) {}

    DataChannelConnection(Connector.Plan plan, Events events) {
        this.plan = plan;
        this.events = events;
    }

    void begin(
            PeerConnectionOptions options, IcePortOptions port, Executor loop, Executor waiting) {
        waiting.execute(
                () -> {
                    try {
                        PeerConnection made = new PeerConnection(options, port);
                        loop.execute(() -> attach(made));
                    } catch (UncheckedIOException problem) {
                        LOG.log(Level.DEBUG, "event=no-port reason={0}", problem.getMessage());
                        loop.execute(this::lost);
                    }
                });
    }

    private void attach(PeerConnection connection) {
        if (closed) {
            connection.close();
            return;
        }
        Negotiator negotiator = new Negotiator(connection, plan, events::signal);
        connection
                .onNegotiationNeeded(negotiator::needed)
                .onIceCandidate(candidate -> trickle(negotiator, candidate))
                .onIceCandidateError(evidence::failed)
                .onConnectionStateChange(this::state)
                .onSelectedCandidatePairChange(_ -> tell(Change.PAIR));
        DataChannelOptions agreed = DataChannelOptions.defaults();
        DataChannel reliable = channel(connection, "peerline", agreed.withNegotiatedId(0));
        DataChannelOptions once = agreed.withOrdered(false).withMaxRetransmits(0);
        DataChannel loose = channel(connection, "peerline-loose", once.withNegotiatedId(1));
        reliable.bufferedAmountLowThreshold(LOW_BUFFERED);
        reliable.onBufferedAmountLow(events::writable);
        up = new Up(connection, reliable, loose, negotiator);
        for (Signal signal : early) negotiator.take(signal);
        early.clear();
    }

    private DataChannel channel(PeerConnection on, String label, DataChannelOptions options) {
        boolean loose = !options.ordered();
        return on.createDataChannel(label, options)
                .onOpen(
                        () -> {
                            if (isOpen()) tell(Change.OPEN);
                        })
                .onClose(this::lost)
                .onMessage(message -> received(message, loose));
    }

    private void received(Message message, boolean loose) {
        // Of a peer that does not keep to the protocol.
        if (closed || message.isText()) return;
        events.packet(Bytes.of(message.data()), loose);
    }

    private void trickle(Negotiator negotiator, IceCandidateInit candidate) {
        evidence.gathered(candidate.candidate());
        if (closed) return;
        negotiator.trickle(
                new Candidate(
                        candidate.candidate(),
                        candidate.sdpMid(),
                        candidate.sdpMLineIndex(),
                        candidate.usernameFragment()));
    }

    private void state(PeerConnectionState state) {
        switch (state) {
            case CONNECTED -> tell(Change.CONNECTED);
            case DISCONNECTED -> tell(Change.DISCONNECTED);
            case FAILED -> tell(Change.FAILED);
            case CLOSED -> lost();
            case NEW, CONNECTING -> {}
        }
    }

    private void tell(Change change) {
        if (!closed) events.changed(change);
    }

    private void lost() {
        if (closed) return;
        close();
        events.changed(Change.CLOSED);
    }

    @Override
    public boolean isOpen() {
        return up != null
                && !closed
                && up.reliable.readyState() == DataChannelState.OPEN
                && up.loose.readyState() == DataChannelState.OPEN;
    }

    @Override
    public boolean writable() {
        return up != null && isOpen() && up.reliable.bufferedAmount() < MAX_BUFFERED;
    }

    @Override
    public void send(Bytes packet, boolean loose) {
        if (up == null || closed) return;
        DataChannel channel = loose ? up.loose : up.reliable;
        if (channel.readyState() != DataChannelState.OPEN) return;
        // Its buffer is full: it has not moved for long.
        if (channel.send(packet.toArray()).isCompletedExceptionally()) lost();
    }

    @Override
    public void receive(Signal signal) {
        if (closed) return;
        if (up != null) up.negotiator.take(signal);
        else if (early.size() < MAX_EARLY) early.add(signal);
    }

    @Override
    public void restart() {
        if (up != null && !closed) up.negotiator.restart();
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        early.clear();
        if (up != null) up.connection.close();
    }

    @Override
    public Evidence evidence() {
        return evidence;
    }

    @Override
    public boolean relayed() {
        SelectedPair pair = up == null ? null : up.connection.selectedPair();
        return pair != null
                && (pair.local() == IceCandidate.Kind.RELAY
                        || pair.remote() == IceCandidate.Kind.RELAY);
    }

    @Override
    public @Nullable String pair() {
        SelectedPair pair = up == null ? null : up.connection.selectedPair();
        if (pair == null) return null;
        String protocol = pair.relayProtocol().isEmpty() ? "udp" : pair.relayProtocol();
        return pair.local() + " " + protocol + " - " + pair.remote();
    }

    @Override
    public String iceState() {
        if (up == null) return "new";
        return up.connection.iceConnectionState().name().toLowerCase(Locale.ROOT);
    }
}
