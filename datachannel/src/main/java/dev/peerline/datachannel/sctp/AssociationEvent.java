package dev.peerline.datachannel.sctp;

import java.util.List;

/** What an association tells its owner, in the order it happened. */
public sealed interface AssociationEvent {
    /** The handshake is over. */
    record Established(Negotiated terms) implements AssociationEvent {}

    /** The peer has begun anew (RFC 9260 §5.2.4 A): what was under way is lost, both ways. */
    record Restarted(Negotiated terms) implements AssociationEvent {}

    /** A whole message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(int streamId, int payloadProtocol, boolean unordered, byte[] data)
            implements AssociationEvent {}

    /** The peer's streams begin anew (RFC 6525); an empty list means all. */
    record IncomingStreamsReset(List<Integer> streamIds) implements AssociationEvent {}

    /** Our streams begin anew, or, if not {@code performed}, the peer has refused. */
    record OutgoingStreamsReset(List<Integer> streamIds, boolean performed)
            implements AssociationEvent {}

    /** The queue of a stream has fallen to its threshold. */
    record BufferedAmountLow(int streamId) implements AssociationEvent {}

    /** The association is over, and this is the last event. */
    record Closed(CloseReason reason, String detail) implements AssociationEvent {}
}
