package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.Nullable;

/** A message between send and its last acknowledgement. Pooled, so that a small one costs none. */
final class OutgoingMessage {
    private static final byte[] NOTHING = new byte[0];

    byte[] data = NOTHING;
    int offset;
    int length;
    int payloadProtocol;
    boolean unordered;

    /** RFC 3758 §4: abandoned after this; {@link Long#MAX_VALUE} never. */
    long expiresNanos;

    /** RFC 7496 §3: abandoned when a fragment would be sent more often again than this. */
    int maxRetransmissions;

    @Nullable SendStream stream;

    /** Stream sequence number or message identifier; given with the first fragment. */
    int messageId;

    /** Bytes that have a TSN. */
    int sentBytes;

    int nextFragment;
    long firstTsn;
    long lastTsn;

    /** TSNs that still refer to this message. */
    int references;

    boolean abandoned;

    boolean started() {
        return nextFragment > 0;
    }

    boolean fullySent() {
        return sentBytes == length;
    }

    int unsentBytes() {
        return length - sentBytes;
    }

    void clear() {
        data = NOTHING;
        offset = 0;
        length = 0;
        stream = null;
        messageId = 0;
        sentBytes = 0;
        nextFragment = 0;
        firstTsn = 0;
        lastTsn = 0;
        references = 0;
        abandoned = false;
    }
}
