package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.LongAdder;

/** The counts of {@link IceStats}; thread-safe. */
final class Counters {
    private final LongAdder packetsSent = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder packetsDiscarded = new LongAdder();
    private final LongAdder packetsReceived = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();
    private final LongAdder consentRequests = new LongAdder();
    private final LongAdder consentResponses = new LongAdder();
    private final LongAdder pairChanges = new LongAdder();
    private volatile long roundTripNanos = -1;

    boolean sent(int bytes) {
        packetsSent.increment();
        bytesSent.add(bytes);
        return true;
    }

    boolean discarded() {
        packetsDiscarded.increment();
        return false;
    }

    void received(int bytes) {
        packetsReceived.increment();
        bytesReceived.add(bytes);
    }

    void asked() {
        consentRequests.increment();
    }

    void answered(long nanos) {
        consentResponses.increment();
        roundTripNanos = nanos;
    }

    void pairChanged() {
        pairChanges.increment();
    }

    IceStats snapshot(IceState state, @Nullable SelectedPair pair) {
        return new IceStats(
                state,
                pair,
                packetsSent.sum(),
                bytesSent.sum(),
                packetsDiscarded.sum(),
                packetsReceived.sum(),
                bytesReceived.sum(),
                consentRequests.sum(),
                consentResponses.sum(),
                roundTripNanos,
                pairChanges.intValue());
    }
}
