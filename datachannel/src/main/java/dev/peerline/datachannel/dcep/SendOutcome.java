package dev.peerline.datachannel.dcep;

/** What became of a send. */
public enum SendOutcome {
    /** Queued: it will be sent. */
    ACCEPTED,
    /** The channel's budget is used up; {@link ChannelEvent.Writable} follows. */
    NO_BUDGET,
    /** Longer than the peer takes. */
    TOO_LONG,
    /** The channel is closing or closed. */
    CLOSED
}
