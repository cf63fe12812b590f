package dev.peerline.datachannel;

import dev.peerline.datachannel.dcep.ChannelEvent;
import dev.peerline.datachannel.dcep.DataChannels;
import dev.peerline.datachannel.dtls.DtlsCertificate;
import dev.peerline.datachannel.dtls.DtlsTransport;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IceGatheringState;
import dev.peerline.datachannel.ice.IceListener;
import dev.peerline.datachannel.ice.IceLoop;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePort;
import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.datachannel.ice.IceSession;
import dev.peerline.datachannel.ice.IceState;
import dev.peerline.datachannel.ice.SelectedPair;
import dev.peerline.datachannel.sctp.CloseReason;
import dev.peerline.datachannel.sctp.SctpInit;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * A connection as its loop sees it: ties negotiation, ICE, the stack on it and the channels
 * together, and keeps the states. What {@link PeerConnection} reads from other threads is volatile.
 */
final class ConnectionCore
        implements IceListener, TransportStack.Owner, Negotiation.Owner, AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** For what was sent last to leave, before the socket goes. */
    private static final long LINGER_NANOS = Duration.ofMillis(20).toNanos();

    /** Where the connection's packets go through; its own ends with it. */
    record Port(IcePort port, boolean owned) {}

    private final Port port;
    private final Dispatcher dispatcher;
    private final IceLoop loop;
    private final IceSession ice;
    private final Negotiation negotiation;
    private final TransportStack stack;
    private final ChannelSet channels;
    private final Listeners listeners = new Listeners();
    private final String fingerprint;
    private volatile PeerConnectionState state = PeerConnectionState.NEW;
    private volatile IceState iceState = IceState.NEW;
    private volatile IceGatheringState gatheringState = IceGatheringState.NEW;
    private volatile String failureReason = "";
    private volatile @Nullable SessionDescription localDescription;
    private volatile @Nullable SessionDescription remoteDescription;
    private boolean failed;
    private boolean closed;

    ConnectionCore(
            PeerConnectionOptions options,
            Port port,
            DtlsCertificate certificate,
            Dispatcher dispatcher) {
        this.port = port;
        this.dispatcher = dispatcher;
        loop = port.port().loop();
        ice = port.port().session(options.ice(), this);
        fingerprint = certificate.fingerprint().value();
        negotiation =
                new Negotiation(
                        ice,
                        options,
                        certificate.fingerprint(),
                        RANDOM.nextLong() & Long.MAX_VALUE,
                        this);
        stack = new TransportStack(ice, options, certificate, this);
        channels = new ChannelSet(options, loop, dispatcher, stack::touch);
    }

    Negotiation negotiation() {
        return negotiation;
    }

    Listeners listeners() {
        return listeners;
    }

    PeerConnectionState connectionState() {
        return state;
    }

    IceState iceState() {
        return iceState;
    }

    IceGatheringState gatheringState() {
        return gatheringState;
    }

    String failureReason() {
        return failureReason;
    }

    @Nullable SelectedPair selectedPair() {
        return ice.selectedPair();
    }

    String fingerprint() {
        return fingerprint;
    }

    @Nullable SessionDescription localDescription() {
        return localDescription;
    }

    @Nullable SessionDescription remoteDescription() {
        return remoteDescription;
    }

    PeerConnectionStats stats() {
        return new PeerConnectionStats(
                ice.stats(),
                stack.cipherSuite(),
                stack.refusedRecords(),
                stack.sctpStats(),
                channels.opened(),
                channels.closed());
    }

    // --- from PeerConnection --------------------------------------------------------------------

    /** On any thread. */
    DataChannel createChannel(String label, DataChannelOptions options) {
        if (state == PeerConnectionState.CLOSED)
            throw new IllegalStateException("the connection is closed");
        DataChannel channel = channels.create(label, options);
        loop.execute(
                () -> {
                    if (closed) channel.stream().closed();
                    else if (channels.add(channel)) negotiationNeeded();
                });
        return channel;
    }

    private void negotiationNeeded() {
        dispatcher.dispatch(() -> listeners.negotiationNeeded.run());
    }

    void setLocal(@Nullable SessionDescription description) {
        SignalingState before = negotiation.state();
        negotiation.setLocal(description);
        described(before);
    }

    void setRemote(SessionDescription description) {
        SignalingState before = negotiation.state();
        negotiation.setRemote(description);
        described(before);
    }

    private void described(SignalingState before) {
        localDescription = negotiation.localDescription();
        remoteDescription = negotiation.remoteDescription();
        signalingChanged(before);
    }

    private void signalingChanged(SignalingState before) {
        SignalingState now = negotiation.state();
        if (now != before) dispatcher.dispatch(() -> listeners.signalingState.accept(now));
    }

    void setConfiguration(IceOptions options) {
        ice.setOptions(options);
    }

    void restartIce() {
        if (closed) return;
        negotiation.wantRestart();
        negotiationNeeded();
    }

    // --- from the negotiation -------------------------------------------------------------------

    @Override
    public void settled(TransportStack.Terms terms) {
        channels.maxMessageBytes(terms.maxMessageBytes());
        stack.begin(terms);
    }

    @Override
    public SctpInit localInit() {
        return stack.localInit();
    }

    @Override
    public void localCandidate(IceCandidate candidate, @Nullable String mid, int section) {
        localDescription = negotiation.localDescription();
        IceCandidateInit init =
                new IceCandidateInit(
                        candidate.toString(), mid, section, candidate.usernameFragment());
        dispatcher.dispatch(() -> listeners.candidate.accept(init));
    }

    @Override
    public void endOfLocalCandidates(@Nullable String mid, int section) {
        IceCandidateInit end = new IceCandidateInit("", mid, section, null);
        dispatcher.dispatch(() -> listeners.candidate.accept(end));
    }

    // --- from ICE -------------------------------------------------------------------------------

    @Override
    public void localCandidate(IceCandidate candidate) {
        if (!closed) negotiation.onLocalCandidate(candidate);
    }

    @Override
    public void gatheringState(IceGatheringState next) {
        if (closed) return;
        gatheringState = next;
        negotiation.onGathered(next == IceGatheringState.COMPLETE);
        localDescription = negotiation.localDescription();
        dispatcher.dispatch(() -> listeners.gatheringState.accept(next));
    }

    @Override
    public void state(IceState next) {
        if (closed) return;
        IceState before = iceState;
        iceState = next;
        dispatcher.dispatch(() -> listeners.iceState.accept(next));
        boolean works = next == IceState.CONNECTED || next == IceState.COMPLETED;
        if (works && before == IceState.DISCONNECTED) stack.pathChanged();
        if (next == IceState.FAILED) failureReason = "no path to the peer works (ICE)";
        updateState();
    }

    @Override
    public void candidateError(IceServer server, int code, String hint) {
        if (closed) return;
        IceCandidateError error = new IceCandidateError(server.url(), code, hint);
        dispatcher.dispatch(() -> listeners.candidateError.accept(error));
    }

    @Override
    public void selectedPair(SelectedPair pair) {
        if (closed) return;
        dispatcher.dispatch(() -> listeners.selectedPair.accept(pair));
        stack.pathChanged();
    }

    @Override
    public void packet(ByteBuffer packet) {
        stack.packet(packet);
    }

    // --- from the stack -------------------------------------------------------------------------

    @Override
    public void dtlsChanged() {
        updateState();
    }

    @Override
    public void channelsReady(DataChannels ready) {
        channels.bindAll(ready);
    }

    @Override
    public void onChannelEvent(ChannelEvent event) {
        switch (event) {
            case ChannelEvent.Announced announced -> {
                DataChannel channel = channels.announced(announced.channel());
                dispatcher.dispatch(() -> listeners.dataChannel.accept(channel));
                channel.tellOpen();
            }
            case ChannelEvent.Disconnected gone -> disconnected(gone);
            default -> channels.onEvent(event);
        }
    }

    private void disconnected(ChannelEvent.Disconnected gone) {
        CloseReason reason = gone.why().reason();
        switch (reason) {
            case SHUTDOWN, PEER_ABORTED -> peerClosed();
            case ABORTED -> {}
            case PEER_UNREACHABLE, NO_HANDSHAKE, PROTOCOL_VIOLATION ->
                    failed("the SCTP association ended: " + reason + " " + gone.why().detail());
        }
    }

    @Override
    public boolean takesMessages() {
        return channels.takesMessages();
    }

    @Override
    public boolean pushQueued(long nowNanos) {
        return channels.push(nowNanos);
    }

    @Override
    public void settleQueued() {
        channels.settle();
    }

    @Override
    public void peerClosed() {
        // Not in the middle of what the stack does.
        loop.execute(() -> close("closed by the peer"));
    }

    @Override
    public void failed(String reason) {
        if (closed || failed) return;
        failed = true;
        failureReason = reason;
        channels.closeAll();
        updateState();
        loop.execute(stack::close);
    }

    // --- states ---------------------------------------------------------------------------------

    /** The W3C's table of RTCPeerConnectionState, with one transport. */
    private void updateState() {
        PeerConnectionState next = stateNow();
        if (next == state) return;
        state = next;
        if (next != PeerConnectionState.FAILED && next != PeerConnectionState.CLOSED)
            failureReason = "";
        dispatcher.dispatch(() -> listeners.connectionState.accept(next));
    }

    private PeerConnectionState stateNow() {
        if (closed) return PeerConnectionState.CLOSED;
        if (failed || iceState == IceState.FAILED) return PeerConnectionState.FAILED;
        if (iceState == IceState.DISCONNECTED) return PeerConnectionState.DISCONNECTED;
        if (iceState == IceState.NEW && stack.dtlsState() == DtlsTransport.State.NEW)
            return PeerConnectionState.NEW;
        boolean path = iceState == IceState.CONNECTED || iceState == IceState.COMPLETED;
        if (path && stack.dtlsState() == DtlsTransport.State.CONNECTED)
            return PeerConnectionState.CONNECTED;
        return PeerConnectionState.CONNECTING;
    }

    @Override
    public void close() {
        close("closed by us");
    }

    void close(String reason) {
        if (closed) return;
        SignalingState before = negotiation.state();
        closed = true;
        failureReason = failed ? failureReason : reason;
        negotiation.close();
        channels.closeAll();
        stack.close();
        iceState = IceState.CLOSED;
        updateState();
        signalingChanged(before);
        var _ =
                loop.schedule(
                        LINGER_NANOS,
                        () -> {
                            ice.close();
                            if (port.owned()) port.port().close();
                        });
    }
}
