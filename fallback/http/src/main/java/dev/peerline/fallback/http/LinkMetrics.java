package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;

/**
 * Where sessions and rooms count what they do. Called on the hot path and from any thread, at times
 * under a lock: an implementation adds to a counter and does nothing else.
 */
public interface LinkMetrics {
    /** Counts nothing. */
    LinkMetrics NONE =
            new LinkMetrics() {
                @Override
                public void count(Counter counter, long amount) {}

                @Override
                public void opened(CarrierKind kind) {}

                @Override
                public void closed(CarrierKind kind) {}

                @Override
                public void refused(ErrorCode code) {}
            };

    /** What is counted. All are totals that only grow. */
    enum Counter {
        /** POSTs that were read to their end. */
        POSTS,
        /** Sessions begun: {@code WELCOME} with resumed = 0. */
        SESSIONS_BEGUN,
        /** Sessions resumed: {@code WELCOME} with resumed = 1. */
        SESSIONS_RESUMED,
        /** Packets that came up. */
        PACKETS_UP,
        /** Bytes of packets that came up. */
        BYTES_UP,
        /** Packets written down. */
        PACKETS_DOWN,
        /** Bytes of packets written down. */
        BYTES_DOWN,
        /** Envelopes taken, whatever number of peers each was for. */
        ENVELOPES,
        /** Signals taken. */
        SIGNALS,
        /** Datagrams taken. */
        DATAGRAMS,
        /** Datagrams dropped because their reader was slow or not there. */
        DATAGRAMS_DROPPED,
        /** Entries appended to mailboxes. */
        ENTRIES,
        /** Way-up frames that came again and were dropped. */
        DUPLICATES,
        /** What was addressed to somebody who is not in the room. */
        UNDELIVERABLE,
        /** {@code GAP} frames written. */
        GAPS,
        /** Peers that joined a room. */
        PEERS_JOINED,
        /** Peers that left one. */
        PEERS_LEFT
    }

    /** Adds to a counter. */
    void count(Counter counter, long amount);

    /** Counts a way down that was opened: a WebSocket, a stream, each poll. */
    void opened(CarrierKind kind);

    /** Counts a way down that is over, by either side, for any reason. */
    void closed(CarrierKind kind);

    /** Counts a carrier that was ended with an {@code ERROR} of this code. */
    void refused(ErrorCode code);
}
