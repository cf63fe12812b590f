package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Published;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Queue;

/** The reading of the mailbox: each offset once, and its acknowledgement. Not thread-safe. */
final class WayDown {
    /** {@code ACK} waits so long for something to ride along with, at most. */
    private static final long ACK_DELAY_NANOS = Duration.ofMillis(25).toNanos();

    /** The same where it takes a request. */
    private static final long POST_ACK_DELAY_NANOS = Duration.ofMillis(250).toNanos();

    /** So much that was taken is acknowledged at once. */
    private static final int ACK_BYTES = 64 * 1024;

    private static final long NEVER = Long.MAX_VALUE;

    private final Queue<SessionEvent> events;
    private final TopicWay topics;
    private @Nullable Cursor cursor;

    /** Presence before the roster is an older session's view. */
    private boolean rosterSeen;

    private long ackAtNanos = NEVER;
    private int ackBytes;

    WayDown(Queue<SessionEvent> events, TopicWay topics) {
        this.topics = topics;
        this.events = events;
    }

    @Nullable Cursor cursor() {
        return cursor;
    }

    /** When {@code ACK} is due. */
    long ackAtNanos() {
        return ackAtNanos;
    }

    /**
     * From here on, after what was read so far; a roster comes.
     *
     * @param another whether what comes until then is another session's, or has holes
     */
    void begin(Cursor at, boolean another) {
        cursor = at;
        if (another) rosterSeen = false;
    }

    void writeAck(WireWriter out, long dueNanos, long nowNanos) {
        Cursor read = cursor;
        boolean due = nowNanos >= dueNanos || (out.size() > 0 && dueNanos < NEVER);
        if (read == null || !due) return;
        out.frame(new UpFrame.Ack(0, read.offset()));
        ackAtNanos = NEVER;
        ackBytes = 0;
    }

    /** False for an entry that a well-behaved server does not send here. */
    boolean entry(DownFrame.Entry entry, ClientSession.Way way, long nowNanos) {
        Cursor read = cursor;
        if (read == null || entry.log() != 0) return false;
        if (entry.offset() <= read.offset()) return true;
        if (entry.offset() > read.offset() + 1) return false;
        cursor = new Cursor(read.epoch(), entry.offset());
        ackBytes += weight(entry.body());
        acknowledge(way, nowNanos);
        return deliver(entry.body());
    }

    /** What was read is to be acknowledged, soon. */
    void acknowledge(ClientSession.Way way, long nowNanos) {
        if (way == ClientSession.Way.REQUESTS) {
            // The next request says it.
            ackBytes = 0;
            return;
        }
        boolean socket = way == ClientSession.Way.SOCKET;
        long at = nowNanos + (socket ? ACK_DELAY_NANOS : POST_ACK_DELAY_NANOS);
        ackAtNanos = ackBytes < ACK_BYTES ? Math.min(ackAtNanos, at) : nowNanos;
    }

    /** The bytes of an entry behind its kind. */
    private static int weight(EntryBody body) {
        return switch (body) {
            case EntryBody.Envelope(Member from, long to, Bytes frames) ->
                    EntryBody.envelopeHeader(from, to).length() - 1 + frames.length();
            case EntryBody.Signal(Member from, long to, Bytes fields) ->
                    EntryBody.signalHeader(from, to).length() - 1 + fields.length();
            case EntryBody.Roster _, EntryBody.Presence _, Published _ ->
                    body.encode().length() - 1;
            case EntryBody.Unknown unknown -> unknown.content().length();
        };
    }

    private boolean deliver(EntryBody body) {
        return switch (body) {
            case EntryBody.Envelope(Member from, long to, Bytes frames) ->
                    events.add(new SessionEvent.Envelope(from, to, frames));
            case EntryBody.Signal(Member from, long to, Bytes fields) ->
                    Signal.read(fields) instanceof Parsed.Good<Signal>(Signal signal)
                            && events.add(new SessionEvent.Signalled(from, to, signal));
            case EntryBody.Roster roster -> {
                rosterSeen = true;
                yield events.add(new SessionEvent.Roster(roster.peers()));
            }
            case EntryBody.Presence presence ->
                    !rosterSeen || events.add(new SessionEvent.Presence(presence));
            case Published answer -> {
                topics.take(answer);
                yield true;
            }
            case EntryBody.Unknown _ -> true;
        };
    }

    boolean gap(DownFrame.Gap gap) {
        Cursor read = cursor;
        if (read == null || gap.log() != 0) return false;
        if (gap.offset() <= read.offset()) return true;
        begin(new Cursor(read.epoch(), gap.offset()), true);
        return events.add(new SessionEvent.Lost(gap.reason()));
    }
}
