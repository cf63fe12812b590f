package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.InitParameters;

/**
 * What the two sides have agreed on.
 *
 * @param outboundStreams streams we may send on
 * @param inboundStreams streams the peer may send on
 * @param peerWindow the peer's first a_rwnd, bytes
 * @param interleaving I-DATA instead of DATA, both ways
 * @param partialReliability both know FORWARD TSN (with interleaving: I-FORWARD-TSN)
 * @param streamReset the peer knows RE-CONFIG
 * @param zeroChecksum the peer accepts packets without checksum; the other direction is apart
 */
public record Negotiated(
        int localTag,
        int peerTag,
        int localInitialTsn,
        int peerInitialTsn,
        int outboundStreams,
        int inboundStreams,
        long peerWindow,
        boolean interleaving,
        boolean partialReliability,
        boolean streamReset,
        boolean zeroChecksum) {

    static Negotiated of(SctpConfig config, int localTag, int localInitialTsn, InitChunk peer) {
        InitParameters theirs = peer.parameters();
        boolean interleaving = config.interleaving() && theirs.supports(ChunkType.I_DATA);
        boolean forward =
                config.partialReliability()
                        && (interleaving
                                ? theirs.supports(ChunkType.I_FORWARD_TSN)
                                : theirs.forwardTsn());
        return new Negotiated(
                localTag,
                peer.initiateTag(),
                localInitialTsn,
                peer.initialTsn(),
                // RFC 9260 §5.1.1: the smaller of what one offers and the other takes.
                Math.min(config.streams(), peer.inboundStreams()),
                Math.min(config.streams(), peer.outboundStreams()),
                peer.advertisedReceiverWindow(),
                interleaving,
                forward,
                theirs.supports(ChunkType.RE_CONFIG),
                theirs.zeroChecksumMethod() == InitParameters.ZERO_CHECKSUM_DTLS);
    }
}
