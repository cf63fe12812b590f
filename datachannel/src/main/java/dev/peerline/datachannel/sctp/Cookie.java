package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.Bytes;

import org.jspecify.annotations.Nullable;

/**
 * The state cookie (RFC 9260 §5.1.3): all that is needed to set up the association when it comes
 * back.
 *
 * <p>It is not signed: over DTLS only the authenticated peer can send one, there is one association
 * to spend memory on, and what the peer could forge is what it may say in INIT anyway. The secret
 * keeps a cookie of another association out.
 *
 * @param localTieTag RFC 9260 §5.2.4: the tags of the association that existed when the cookie was
 *     made, or 0
 */
record Cookie(Negotiated terms, long createdNanos, int localTieTag, int peerTieTag) {
    private static final int BYTES = 56;
    private static final int INTERLEAVING = 1;
    private static final int PARTIAL_RELIABILITY = 2;
    private static final int STREAM_RESET = 4;
    private static final int ZERO_CHECKSUM = 8;

    byte[] encode(long secret) {
        byte[] out = new byte[BYTES];
        Bytes.put64(out, 0, secret);
        Bytes.put64(out, 8, createdNanos);
        Bytes.put32(out, 16, localTieTag);
        Bytes.put32(out, 20, peerTieTag);
        Bytes.put32(out, 24, terms.localTag());
        Bytes.put32(out, 28, terms.peerTag());
        Bytes.put32(out, 32, terms.localInitialTsn());
        Bytes.put32(out, 36, terms.peerInitialTsn());
        Bytes.put32(out, 40, (int) terms.peerWindow());
        Bytes.put16(out, 44, terms.outboundStreams());
        Bytes.put16(out, 46, terms.inboundStreams());
        int flags = 0;
        if (terms.interleaving()) flags |= INTERLEAVING;
        if (terms.partialReliability()) flags |= PARTIAL_RELIABILITY;
        if (terms.streamReset()) flags |= STREAM_RESET;
        if (terms.zeroChecksum()) flags |= ZERO_CHECKSUM;
        Bytes.put64(out, 48, flags);
        return out;
    }

    /** Null when it is none of ours. */
    static @Nullable Cookie decode(byte[] bytes, long secret) {
        if (bytes.length != BYTES || Bytes.i64(bytes, 0) != secret) return null;
        int flags = Bytes.i32(bytes, 52);
        Negotiated terms =
                new Negotiated(
                        Bytes.i32(bytes, 24),
                        Bytes.i32(bytes, 28),
                        Bytes.i32(bytes, 32),
                        Bytes.i32(bytes, 36),
                        Bytes.u16(bytes, 44),
                        Bytes.u16(bytes, 46),
                        Bytes.u32(bytes, 40),
                        (flags & INTERLEAVING) != 0,
                        (flags & PARTIAL_RELIABILITY) != 0,
                        (flags & STREAM_RESET) != 0,
                        (flags & ZERO_CHECKSUM) != 0);
        return new Cookie(terms, Bytes.i64(bytes, 8), Bytes.i32(bytes, 16), Bytes.i32(bytes, 20));
    }
}
