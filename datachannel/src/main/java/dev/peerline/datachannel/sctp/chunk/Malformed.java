package dev.peerline.datachannel.sctp.chunk;

/** Why bytes are not the chunk they claim to be. */
public enum Malformed {
    /** Fewer bytes than the fixed part needs. */
    TOO_SHORT,
    /** A length field that points out of its container, or below its own size. */
    BAD_LENGTH,
    /** A field whose value the RFC forbids, such as a verification tag of zero in INIT. */
    BAD_VALUE,
    /** A parameter that must be there is not. */
    MISSING_PARAMETER,
    /** More elements than any honest peer sends. */
    TOO_MANY
}
