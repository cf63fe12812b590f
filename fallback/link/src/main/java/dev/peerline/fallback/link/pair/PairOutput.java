package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpBody;

import java.util.List;

/** Something to put on a carrier. */
public sealed interface PairOutput {
    /**
     * One message on the pair's data channel.
     *
     * @param loose on the unordered one without retransmission
     */
    record Direct(Member to, Bytes frames, boolean loose) implements PairOutput {}

    /** For an {@code ENVELOPE}, numbered. */
    record Envelope(List<Member> to, Bytes frames) implements PairOutput {}

    /** For a {@code DATAGRAM}: may be lost, is never doubled. */
    record Datagram(Member to, Bytes frames) implements PairOutput {}

    /** Acknowledgements for many senders, in one {@code ACKS} frame. */
    record Acks(List<UpBody.Acknowledgement> list) implements PairOutput {}
}
