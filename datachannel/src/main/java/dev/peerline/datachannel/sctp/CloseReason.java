package dev.peerline.datachannel.sctp;

/** Why an association ended. */
public enum CloseReason {
    /** Shut down by either side, nothing lost. */
    SHUTDOWN,
    /** Aborted by us. */
    ABORTED,
    /** Aborted by the peer. */
    PEER_ABORTED,
    /** The peer did not answer: too many timeouts in a row. */
    PEER_UNREACHABLE,
    /** The handshake got no answer. */
    NO_HANDSHAKE,
    /** The peer broke the protocol. */
    PROTOCOL_VIOLATION
}
