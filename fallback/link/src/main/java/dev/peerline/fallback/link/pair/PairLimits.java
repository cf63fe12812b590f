package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.PairFrame;

import java.time.Duration;

/**
 * What the links of one local peer may use.
 *
 * @param messageBytes one message; larger data is a file
 * @param queueBytes all that is not acknowledged
 * @param awayBytes what waits for a peer that is away, or has acknowledged nothing for the silence
 * @param silence see {@code awayBytes}
 * @param directWindowBytes sent on a data channel and not acknowledged, a pair: keeps the queues
 *     below the link short, so that little has to be sent again after a move
 * @param sessionWindowBytes the same through the server
 * @param fragmentBytes the payload of one frame; longer messages are cut
 * @param packetBytes frames are added to a packet until it has this size
 * @param ackDelay an acknowledgement waits so long for something to ride along with
 * @param ackBytes so much that was taken is acknowledged at once
 * @param looseFrames probes, echoes and unreliable messages that wait for a carrier, a pair
 * @param departedMembers members that left and are remembered, so that their return doubles nothing
 */
public record PairLimits(
        int messageBytes,
        int queueBytes,
        int awayBytes,
        Duration silence,
        int directWindowBytes,
        int sessionWindowBytes,
        int fragmentBytes,
        int packetBytes,
        Duration ackDelay,
        int ackBytes,
        int looseFrames,
        int departedMembers) {

    /** As docs/protocol.md, section 3 has them. */
    public static final PairLimits DEFAULT =
            new PairLimits(
                    1 << 20,
                    8 << 20,
                    4 << 20,
                    Duration.ofSeconds(10),
                    1 << 20,
                    256 << 10,
                    PairFrame.MAX_PAYLOAD_BYTES,
                    16 * 1024,
                    Duration.ofMillis(25),
                    64 * 1024,
                    64,
                    256);

    public PairLimits {
        if (fragmentBytes < 1 || fragmentBytes > PairFrame.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "fragmentBytes must be 1 to %d, not %d"
                            .formatted(PairFrame.MAX_PAYLOAD_BYTES, fragmentBytes));
        }
    }

    int windowBytes(PairPath path) {
        return path == PairPath.DIRECT ? directWindowBytes : sessionWindowBytes;
    }
}
