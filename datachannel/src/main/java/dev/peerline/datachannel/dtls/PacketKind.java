package dev.peerline.datachannel.dtls;

/** What a datagram is, by its first byte (RFC 7983 §7). */
public enum PacketKind {
    STUN,
    ZRTP,
    DTLS,
    TURN_CHANNEL,
    RTP,
    /** Nothing that is known; empty too. */
    UNKNOWN;

    public static PacketKind of(byte[] datagram, int offset, int length) {
        if (length == 0) return UNKNOWN;
        int first = datagram[offset] & 0xff;
        if (first <= 3) return STUN;
        if (first >= 16 && first <= 19) return ZRTP;
        if (first >= 20 && first <= 63) return DTLS;
        if (first >= 64 && first <= 79) return TURN_CHANNEL;
        if (first >= 128 && first <= 191) return RTP;
        return UNKNOWN;
    }
}
