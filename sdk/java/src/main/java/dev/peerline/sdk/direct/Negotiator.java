package dev.peerline.sdk.direct;

import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.SignalingState;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.sdk.PathKind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Perfect negotiation of one connection (W3C webrtc-pc §10.7), with trickled candidates. Offers of
 * ours and words of the peer take their turn, one after the other has been done with: so the
 * signalling state says whether two offers cross. Runs on the loop, where the connection completes
 * its futures.
 */
final class Negotiator {
    private final PeerConnection connection;
    private final boolean polite;
    private final boolean relays;
    private final Consumer<Connection.Word> tell;

    /** Whether an offer of ours is due: the first, or one that looks for another path. */
    private boolean due;

    /** A description of ours is set and not told yet: its candidates wait. */
    private boolean describing;

    private final List<Connection.Word> waiting = new ArrayList<>();
    private CompletableFuture<@Nullable Void> turn = CompletableFuture.completedFuture(null);

    Negotiator(PeerConnection connection, Connector.Plan plan, Consumer<Connection.Word> tell) {
        this.connection = connection;
        polite = plan.polite();
        relays = plan.kinds().contains(PathKind.RELAYED);
        due = plan.offers();
        this.tell = tell;
    }

    /** Another path is looked for, beside the present one. */
    void restart() {
        due = true;
        connection.restartIce();
    }

    /** The connection wants an offer; where the peer makes it, ours is not due. */
    void needed() {
        inTurn(
                () -> {
                    if (!due || connection.signalingState() != SignalingState.STABLE) return done();
                    due = false;
                    return describe(connection.createOffer());
                });
    }

    /** A candidate of ours: told after the description that it belongs to. */
    void trickle(Connection.Candidate candidate) {
        if (describing) waiting.add(candidate);
        else tell.accept(candidate);
    }

    /** What the peer says. */
    void take(Signal signal) {
        inTurn(
                () ->
                        switch (signal.kind()) {
                            case DESCRIPTION -> description(signal);
                            case CANDIDATE -> candidate(signal);
                            case DECLINE -> done();
                        });
    }

    private static CompletableFuture<@Nullable Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    /** What fails is stale, or the attempt ends by its time. */
    private void inTurn(Supplier<CompletableFuture<@Nullable Void>> step) {
        turn = turn.handle((_, _) -> 0).thenCompose(_ -> step.get());
    }

    private CompletableFuture<@Nullable Void> description(Signal signal) {
        String type = Objects.requireNonNullElse(signal.descriptionType(), "");
        String sdp = signal.sdp();
        if (sdp == null) return done();
        SignalingState state = connection.signalingState();
        if (type.equals("answer")) {
            // One that came twice.
            if (state != SignalingState.HAVE_LOCAL_OFFER) return done();
            return connection.setRemoteDescription(SessionDescription.answer(sdp));
        }
        if (!type.equals("offer")) return done();
        if (!polite && state != SignalingState.STABLE) return done();
        // The answer to it serves both.
        due = false;
        return connection
                .setRemoteDescription(SessionDescription.offer(sdp))
                .thenCompose(_ -> describe(connection.createAnswer()));
    }

    private CompletableFuture<@Nullable Void> describe(
            CompletableFuture<SessionDescription> created) {
        describing = true;
        CompletableFuture<@Nullable Void> done = created.thenCompose(this::set);
        return done.whenComplete((_, _) -> release());
    }

    private CompletableFuture<@Nullable Void> set(SessionDescription description) {
        return connection
                .setLocalDescription(description)
                .whenComplete(
                        (_, failure) -> {
                            if (failure == null) described();
                        });
    }

    /**
     * With the candidates that were told before: those of an offer that was taken back, the peer
     * may have passed over.
     */
    private void described() {
        SessionDescription set = connection.localDescription();
        if (set != null) tell.accept(new Connection.Description(set.type().toString(), set.sdp()));
    }

    private void release() {
        describing = false;
        List<Connection.Word> words = List.copyOf(waiting);
        waiting.clear();
        words.forEach(tell);
    }

    private CompletableFuture<@Nullable Void> candidate(Signal signal) {
        String line = Objects.requireNonNullElse(signal.candidate(), "");
        // Of an offer that is passed over, too: what it names stays true of the peer's answer.
        if (!relays && line.contains(" typ relay")) return done();
        return connection.addIceCandidate(
                new IceCandidateInit(
                        line,
                        signal.sdpMid(),
                        (int) Math.min(signal.sdpMLineIndex(), Integer.MAX_VALUE),
                        signal.usernameFragment()));
    }
}
