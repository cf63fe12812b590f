package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.Nullable;

/** A TSN between its first transmission and its acknowledgement. The ring reuses these objects. */
final class SentChunk {
    /** Where a TSN stands. */
    enum State {
        FREE,
        IN_FLIGHT,
        /** Believed lost, waiting to be sent again. */
        LOST,
        /** Acknowledged by a gap block, not yet cumulatively. */
        ACKED,
        /** Given up (RFC 3758). */
        ABANDONED
    }

    State state = State.FREE;
    long tsn;
    @Nullable OutgoingMessage message;

    /** Where the fragment begins, from the message's begin. */
    int offset;

    int length;
    int fragment;

    /** What it takes in flight: payload and chunk header. */
    int wireBytes;

    int transmissions;
    long sentNanos;

    /** The SACK that covered it last: one that no longer does has been reneged on. */
    int coveredBySack;

    // For the delivery rate: how things were when it was sent.
    long deliveredBytesAtSend;
    long deliveredNanosAtSend;
    long firstSentNanosAtSend;
    boolean appLimitedAtSend;

    @Nullable SentChunk previous;
    @Nullable SentChunk next;
}
