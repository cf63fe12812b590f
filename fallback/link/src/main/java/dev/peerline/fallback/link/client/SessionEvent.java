package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** What a session has to tell its owner. */
public sealed interface SessionEvent {
    /**
     * The carrier is open.
     *
     * @param pingNanos the interval that holds: the server's, or the one before where it says none
     */
    record Welcomed(Welcome welcome, long pingNanos) implements SessionEvent {}

    /**
     * Pair frames of another peer.
     *
     * @param to the incarnation of ours that they were addressed to
     */
    record Envelope(Member from, long to, Bytes frames) implements SessionEvent {}

    /** The same, sent without a number. */
    record Datagram(Member from, long to, Bytes frames) implements SessionEvent {}

    /**
     * A signal of another peer.
     *
     * @param to the incarnation of ours that it was addressed to
     */
    record Signalled(Member from, long to, Signal signal) implements SessionEvent {}

    /** Who is in the room; what was known before is void. */
    record Roster(List<PeerRecord> peers) implements SessionEvent {}

    /** A change after the roster. */
    record Presence(EntryBody.Presence change) implements SessionEvent {}

    /** What was under way may be lost: each pair starts from what the other side has. */
    record Lost(String reason) implements SessionEvent {}

    /** The server ends the carrier, or is not understood. */
    record Refused(Refusal refusal) implements SessionEvent {}

    /** The server is going down: connect again after the time. */
    record Moving(long retryAfterMillis) implements SessionEvent {}

    /** What is read and published beside the room. */
    sealed interface Topical extends SessionEvent {}

    /** A topic is read, after this cursor. */
    record TopicBegun(long number, Cursor cursor) implements Topical {}

    /** A message of a topic that is read. */
    record TopicMessage(long number, Cursor id, TopicDown.Item item) implements Topical {}

    /** Messages of a topic will not come. */
    record TopicMissed(TopicDown.Missed gap) implements Topical {}

    /** A topic is read no more, or was never. */
    record TopicEnded(long number, TopicFault fault) implements Topical {}

    /**
     * What became of a message that was published.
     *
     * @param id its id; null when it was refused, or nobody knows
     * @param fault why; null when it was published
     */
    record TopicAnswer(long request, @Nullable Cursor id, @Nullable TopicFault fault)
            implements Topical {}

    /** A round trip was measured. */
    record RoundTrip(long nanos) implements SessionEvent {}
}
