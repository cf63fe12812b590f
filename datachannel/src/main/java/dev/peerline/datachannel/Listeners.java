package dev.peerline.datachannel;

import dev.peerline.datachannel.ice.IceGatheringState;
import dev.peerline.datachannel.ice.IceState;
import dev.peerline.datachannel.ice.SelectedPair;

import java.util.function.Consumer;

/** Who is told what of a connection. Set by any thread, read when an event is told. */
final class Listeners {
    volatile Consumer<DataChannel> dataChannel = channel -> {};
    volatile Consumer<PeerConnectionState> connectionState = state -> {};
    volatile Consumer<IceState> iceState = state -> {};
    volatile Consumer<IceGatheringState> gatheringState = state -> {};
    volatile Consumer<SignalingState> signalingState = state -> {};
    volatile Consumer<IceCandidateInit> candidate = candidate -> {};
    volatile Consumer<IceCandidateError> candidateError = error -> {};
    volatile Consumer<SelectedPair> selectedPair = pair -> {};
    volatile Runnable negotiationNeeded = () -> {};
}
