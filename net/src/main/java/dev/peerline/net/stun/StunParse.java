package dev.peerline.net.stun;

/** What came of reading a message. Everything but {@link #OK} is the sender's fault. */
public enum StunParse {
    OK,
    /** Fewer bytes than a header. */
    TOO_SHORT,
    /** The first two bits are not 0, or the magic cookie is missing (RFC 3489 and strangers). */
    NOT_STUN,
    /** The length field disagrees with the datagram, or is not a multiple of 4. */
    BAD_LENGTH,
    /** An attribute reaches beyond the message. */
    ATTRIBUTE_OVERRUN,
    /** More attributes than {@link StunReader#MAX_ATTRIBUTES}. */
    TOO_MANY_ATTRIBUTES
}
