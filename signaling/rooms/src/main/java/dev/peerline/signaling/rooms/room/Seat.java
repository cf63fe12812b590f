package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.Mailboxes.KeptSeat;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.session.ServerSession;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.PeerRecord;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The place of one id in a room. It outlives carriers and incarnations. Not thread-safe. */
final class Seat {
    static final long NEVER = Long.MAX_VALUE;

    private final ServerSession session;
    private String name = "";
    private boolean away;
    private CarrierKind kind = CarrierKind.NONE;

    /** The present carrier; null for none. */
    @Nullable Attachment attachment;

    /** What waits beside the mailbox between two polls; null when it does not poll. */
    @Nullable DownReader between;

    /** What its client was told last; null before the first time. */
    @Nullable Told told;

    /** When it is away, and when it has left, unless a carrier comes before. */
    long awayAtMillis = NEVER;

    long leftAtMillis = NEVER;

    /** Whether the effects know already that its mailbox has something new. */
    boolean signalled;

    /** Whether its client has not been told who is here since an earlier server ended. */
    private boolean restored;

    private final Subscriptions subscriptions;

    /**
     * @param topics that sessions may read; null for none
     */
    Seat(ServerSession session, @Nullable Topics topics) {
        this.session = session;
        subscriptions = new Subscriptions(topics);
    }

    /** A seat as an earlier server kept it: its peer is away. */
    static Seat restored(KeptSeat kept, @Nullable Topics topics) {
        ByteBuffer note = kept.session().buffer();
        ServerSession.State state =
                new ServerSession.State(
                        note.getLong(), note.getLong(), note.getLong(), note.getLong());
        Seat seat = new Seat(new ServerSession(kept.id(), kept.mailbox(), state), topics);
        seat.name = StandardCharsets.UTF_8.decode(note).toString();
        seat.away = true;
        seat.restored = true;
        return seat;
    }

    /** What {@link #restored} needs. */
    Bytes note() {
        ServerSession.State state = session.state();
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer note = ByteBuffer.allocate(4 * Long.BYTES + text.length);
        note.putLong(state.incarnation()).putLong(state.attempt());
        note.putLong(state.post()).putLong(state.taken()).put(text);
        return Bytes.of(note.array());
    }

    /** Whether it was restored; no more after this. */
    boolean takeRestored() {
        boolean was = restored;
        restored = false;
        return was;
    }

    ServerSession session() {
        return session;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    Log mailbox() {
        return session.mailbox();
    }

    void name(String newName) {
        name = newName;
    }

    boolean away() {
        return away;
    }

    void away(boolean isAway) {
        away = isAway;
    }

    PeerRecord record() {
        return new PeerRecord(session.member(), away, kind, name);
    }

    /** The kind of carrier that it was last seen on. */
    CarrierKind kind() {
        return kind;
    }

    void kind(CarrierKind newKind) {
        kind = newKind;
    }

    /** Whether it asks again and again, and nobody waits in between. */
    boolean polls() {
        return kind == CarrierKind.LONG_POLL || kind == CarrierKind.POLL;
    }

    /** What will be written next; null when there is nobody to write to. */
    @Nullable DownReader reader() {
        return attachment == null ? between : attachment.reader();
    }

    void append(LogEntry entry) {
        session.mailbox().append(entry);
    }

    /** Waits for a carrier from now on. */
    void expect(long awayAt, long leftAt) {
        awayAtMillis = awayAt;
        leftAtMillis = leftAt;
    }

    long deadlineMillis() {
        return away ? leftAtMillis : Math.min(awayAtMillis, leftAtMillis);
    }
}
