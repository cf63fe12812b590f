package dev.peerline.datachannel;

import dev.peerline.datachannel.dtls.DtlsCertificate;
import dev.peerline.datachannel.ice.IceGatheringState;
import dev.peerline.datachannel.ice.IceLoop;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePort;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.IceState;
import dev.peerline.datachannel.ice.SelectedPair;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A connection to one peer, a browser or any other that speaks WebRTC (the W3C's RTCPeerConnection,
 * for data channels): offers and answers in and out, channels once they have been exchanged.
 *
 * <p>Thread-safe. No method waits: futures complete on the executor of the options, listeners run
 * there one at a time. Descriptions that are refused fail their future with {@link
 * IllegalArgumentException}, calls at the wrong moment with {@link IllegalStateException}; nothing
 * has changed then.
 *
 * <p>It holds a UDP port, or shares that of its {@link PeerConnectionFactory}, until it is closed
 * by us or the peer.
 */
public final class PeerConnection implements AutoCloseable {
    private final Dispatcher dispatcher;
    private final PeerConnectionOptions options;
    private final IceLoop loop;
    private final ConnectionCore core;

    /**
     * A connection with a port of its own, on all addresses of this machine but loopback.
     *
     * @throws UncheckedIOException if there is no port to be had
     */
    public PeerConnection(PeerConnectionOptions options) {
        this(options, IcePortOptions.defaults());
    }

    /**
     * A connection with a port of its own.
     *
     * @param port which, and of which addresses
     * @throws UncheckedIOException if there is no port to be had
     */
    public PeerConnection(PeerConnectionOptions options, IcePortOptions port) {
        this(options, openPort(port), true);
    }

    /** A connection with a port of its own, and no STUN or TURN server. */
    public PeerConnection() {
        this(PeerConnectionOptions.defaults());
    }

    PeerConnection(PeerConnectionOptions options, IcePort port, boolean ownsPort) {
        this.options = options;
        dispatcher = new Dispatcher(options.callbacks());
        loop = port.loop();
        DtlsCertificate certificate = options.certificate();
        if (certificate == null) certificate = DtlsCertificate.unused();
        core =
                new ConnectionCore(
                        options, new ConnectionCore.Port(port, ownsPort), certificate, dispatcher);
    }

    private static IcePort openPort(IcePortOptions options) {
        try {
            return IcePort.open(options, IceLoop.shared());
        } catch (IOException problem) {
            throw new UncheckedIOException("no UDP port to be had: " + problem, problem);
        }
    }

    // --- offers and answers ---------------------------------------------------------------------

    public CompletableFuture<SessionDescription> createOffer() {
        return ask(() -> core.negotiation().createOffer());
    }

    /** Answers the offer that was given to {@link #setRemoteDescription}. */
    public CompletableFuture<SessionDescription> createAnswer() {
        return ask(() -> core.negotiation().createAnswer());
    }

    /** Takes the offer or answer that was created last, created now if none was. */
    public CompletableFuture<@Nullable Void> setLocalDescription() {
        return tell(() -> core.setLocal(null));
    }

    /**
     * Begins to look for candidates, and, with an answer, for a path.
     *
     * @param description what {@link #createOffer} or {@link #createAnswer} gave last, or a
     *     rollback
     */
    public CompletableFuture<@Nullable Void> setLocalDescription(SessionDescription description) {
        return tell(() -> core.setLocal(description));
    }

    /** Takes the peer's offer, answer or rollback; an offer that crosses ours takes its place. */
    public CompletableFuture<@Nullable Void> setRemoteDescription(SessionDescription description) {
        return tell(() -> core.setRemote(description));
    }

    /** Takes a candidate of the peer; before its description, too. What is unknown is ignored. */
    public CompletableFuture<@Nullable Void> addIceCandidate(IceCandidateInit candidate) {
        return tell(() -> core.negotiation().addRemote(candidate));
    }

    /**
     * Takes other servers, credentials or times for what is gathered from now on: all of it before
     * the first description is set, else after the next {@link #restartIce} or the peer's.
     */
    public void setConfiguration(IceOptions ice) {
        core.setConfiguration(ice);
    }

    /**
     * Has the next offer look for a path anew, on the addresses that the machine has then, and with
     * the servers of {@link #setConfiguration}; {@link #onNegotiationNeeded} asks for that offer.
     */
    public void restartIce() {
        loop.execute(core::restartIce);
    }

    /** What was set last, with the candidates that were found until now; or null. */
    public @Nullable SessionDescription localDescription() {
        return core.localDescription();
    }

    /** What was set last; or null. */
    public @Nullable SessionDescription remoteDescription() {
        return core.remoteDescription();
    }

    // --- channels -------------------------------------------------------------------------------

    /** A reliable channel, in order. */
    public DataChannel createDataChannel(String label) {
        return createDataChannel(label, DataChannelOptions.defaults());
    }

    /**
     * A channel; it opens once the connection is there.
     *
     * @param label at most 65535 bytes in UTF-8
     * @throws IllegalArgumentException if label or protocol are too long
     * @throws IllegalStateException if the connection is closed
     */
    public DataChannel createDataChannel(String label, DataChannelOptions with) {
        return core.createChannel(label, with);
    }

    /** The peer has opened a channel. Set the channel's listeners in here. */
    public PeerConnection onDataChannel(Consumer<DataChannel> listener) {
        core.listeners().dataChannel = listener;
        return this;
    }

    // --- states ---------------------------------------------------------------------------------

    public SignalingState signalingState() {
        return core.negotiation().state();
    }

    public PeerConnectionState connectionState() {
        return core.connectionState();
    }

    public IceState iceConnectionState() {
        return core.iceState();
    }

    public IceGatheringState iceGatheringState() {
        return core.gatheringState();
    }

    /** Why the state is FAILED or CLOSED, in words; empty otherwise. */
    public String failureReason() {
        return core.failureReason();
    }

    /** The path in use; null before there is one. */
    public @Nullable SelectedPair selectedPair() {
        return core.selectedPair();
    }

    /** The SHA-256 of our certificate, as the descriptions say it. */
    public String fingerprint() {
        return core.fingerprint();
    }

    public PeerConnection onConnectionStateChange(Consumer<PeerConnectionState> listener) {
        core.listeners().connectionState = listener;
        return this;
    }

    public PeerConnection onIceConnectionStateChange(Consumer<IceState> listener) {
        core.listeners().iceState = listener;
        return this;
    }

    public PeerConnection onIceGatheringStateChange(Consumer<IceGatheringState> listener) {
        core.listeners().gatheringState = listener;
        return this;
    }

    public PeerConnection onSignalingStateChange(Consumer<SignalingState> listener) {
        core.listeners().signalingState = listener;
        return this;
    }

    /** A candidate of ours, for the peer to be told; an empty one after the last. */
    public PeerConnection onIceCandidate(Consumer<IceCandidateInit> listener) {
        core.listeners().candidate = listener;
        return this;
    }

    /** A STUN or TURN server gave no candidate. */
    public PeerConnection onIceCandidateError(Consumer<IceCandidateError> listener) {
        core.listeners().candidateError = listener;
        return this;
    }

    /** Packets take another path from now on (of the W3C's RTCIceTransport). */
    public PeerConnection onSelectedCandidatePairChange(Consumer<SelectedPair> listener) {
        core.listeners().selectedPair = listener;
        return this;
    }

    /** An offer is wanted: the first channel was created, or a restart asked for. */
    public PeerConnection onNegotiationNeeded(Runnable listener) {
        core.listeners().negotiationNeeded = listener;
        return this;
    }

    public CompletableFuture<PeerConnectionStats> stats() {
        return ask(core::stats);
    }

    /** Ends everything at once; what was not sent is lost. The peer is told if it can be. */
    @Override
    public void close() {
        loop.execute(() -> core.close("closed by us"));
    }

    // --- into the loop --------------------------------------------------------------------------

    private CompletableFuture<@Nullable Void> tell(Runnable task) {
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        task.run();
                        dispatcher.apart(() -> result.complete(null));
                    } catch (RuntimeException refused) {
                        dispatcher.apart(() -> result.completeExceptionally(refused));
                    }
                });
        return result;
    }

    private <T> CompletableFuture<T> ask(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        T value = task.call();
                        dispatcher.apart(() -> result.complete(value));
                    } catch (Exception refused) {
                        dispatcher.apart(() -> result.completeExceptionally(refused));
                    }
                });
        return result;
    }

    @Override
    public String toString() {
        return "PeerConnection "
                + connectionState()
                + ", "
                + options.ice().servers().size()
                + " servers";
    }
}
