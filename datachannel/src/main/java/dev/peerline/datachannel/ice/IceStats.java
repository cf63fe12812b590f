package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

/**
 * Counts since the session began.
 *
 * @param packetsSent what {@link IceSession#send} took
 * @param packetsDiscarded what it refused: no pair, or the queue full
 * @param packetsReceived what the listener was given
 * @param consentRequestsSent RFC 7675 checks of the selected pair
 * @param consentResponses valid answers to them
 * @param currentRoundTripNanos of the latest of them, or -1
 * @param selectedPairChanges how often a pair was selected
 */
public record IceStats(
        IceState state,
        @Nullable SelectedPair selectedPair,
        long packetsSent,
        long bytesSent,
        long packetsDiscarded,
        long packetsReceived,
        long bytesReceived,
        long consentRequestsSent,
        long consentResponses,
        long currentRoundTripNanos,
        int selectedPairChanges) {}
