package dev.peerline.datachannel.sctp;

/** What became of a message. */
public enum SendResult {
    /** It is queued. */
    QUEUED,
    /** The queue is full; it has room again when the amount buffered falls. */
    QUEUE_FULL,
    /** The stream does not exist in this association. */
    NO_SUCH_STREAM,
    /** The association is closing or closed. */
    CLOSED
}
