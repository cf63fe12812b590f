package dev.peerline.datachannel.sctp.chunk;

/**
 * What DATA and I-DATA have in common, read in place. Mutable, so that a packet makes no object;
 * valid until the next read.
 */
public final class DataFields {
    /** The E flag: the last fragment of its message. */
    public static final int END = 1;

    /** The B flag: the first fragment of its message. */
    public static final int BEGIN = 2;

    /** The U flag: delivered without waiting for its order. */
    public static final int UNORDERED = 4;

    /** The I flag (RFC 7053): please acknowledge at once. */
    public static final int IMMEDIATE = 8;

    int flags;
    int tsn;
    int streamId;
    int messageId;
    int fragmentNumber;
    int payloadProtocol;
    int payloadStart;
    int payloadLength;

    public int tsn() {
        return tsn;
    }

    public int streamId() {
        return streamId;
    }

    /** DATA: the stream sequence number, 16 bits. I-DATA: the message identifier, 32 bits. */
    public int messageId() {
        return messageId;
    }

    /** I-DATA: the number of the fragment in its message, 0 in the first. DATA: 0. */
    public int fragmentNumber() {
        return fragmentNumber;
    }

    /** The payload protocol identifier; in I-DATA only the first fragment has one. */
    public int payloadProtocol() {
        return payloadProtocol;
    }

    public int payloadStart() {
        return payloadStart;
    }

    public int payloadLength() {
        return payloadLength;
    }

    public boolean begin() {
        return (flags & BEGIN) != 0;
    }

    public boolean end() {
        return (flags & END) != 0;
    }

    public boolean unordered() {
        return (flags & UNORDERED) != 0;
    }

    public boolean immediate() {
        return (flags & IMMEDIATE) != 0;
    }
}
