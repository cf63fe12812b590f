package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.tx.RttEstimator;
import dev.peerline.datachannel.sctp.tx.SendQueue;

import org.jspecify.annotations.Nullable;

/** Counts packets. Not thread-safe. */
final class Counters {
    long packetsSent;
    long packetsReceived;
    long bytesSent;
    long bytesReceived;
    long invalidPackets;

    AssociationStats stats(SendQueue queue, RttEstimator rtt, AssociationCore.@Nullable Peer peer) {
        return new AssociationStats(
                packetsSent,
                packetsReceived,
                bytesSent,
                bytesReceived,
                invalidPackets,
                peer != null ? peer.sender().sentChunks() : 0,
                peer != null ? peer.sender().retransmittedChunks() : 0,
                peer != null ? peer.sender().spuriousTimeouts() : 0,
                peer != null ? peer.receiver().duplicateChunks() : 0,
                peer != null ? peer.receiver().droppedChunks() : 0,
                queue.expiredMessages() + (peer != null ? peer.sender().abandonedMessages() : 0),
                peer != null ? peer.sender().inFlightBytes() : 0,
                peer != null ? peer.sender().windowBytes() : 0,
                peer != null ? peer.receiver().heldBytes() : 0,
                queue.queuedBytes(),
                peer != null ? peer.sender().outstandingChunks() : 0,
                rtt.smoothed());
    }
}
