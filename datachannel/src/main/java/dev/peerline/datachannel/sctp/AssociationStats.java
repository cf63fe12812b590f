package dev.peerline.datachannel.sctp;

/**
 * Counters since the beginning, and how things are.
 *
 * @param invalidPackets dropped: wrong port, tag or checksum, or malformed
 * @param spuriousTimeouts times that T3-rtx expired, and nothing had been lost
 * @param heldBytes memory of the receive side
 * @param queuedBytes waiting for their first transmission
 */
public record AssociationStats(
        long packetsSent,
        long packetsReceived,
        long bytesSent,
        long bytesReceived,
        long invalidPackets,
        long chunksSent,
        long chunksRetransmitted,
        long spuriousTimeouts,
        long chunksDuplicate,
        long chunksDropped,
        long messagesAbandoned,
        long inFlightBytes,
        long windowBytes,
        long heldBytes,
        long queuedBytes,
        int outstandingChunks,
        long smoothedRttNanos) {}
