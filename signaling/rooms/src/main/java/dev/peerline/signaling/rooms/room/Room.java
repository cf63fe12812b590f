package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Posted;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;
import dev.peerline.fallback.link.mailbox.Mailboxes.KeptSeat;
import dev.peerline.fallback.link.mailbox.Mailboxes.Shelf;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.session.ServerSession;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Published;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One room: seats by id, presence, and where envelopes go. Not thread-safe: its keeper locks it,
 * takes the {@link #effects} after each call, and runs them when the lock is free. Times are
 * monotonic milliseconds.
 */
public final class Room {
    /** Topics that one session may read: docs/protocol.md, section 8. */
    public static final int MAX_SUBSCRIPTIONS = Subscriptions.MAX_SUBSCRIPTIONS;

    private static final int MAX_DEPARTED = 256;

    private final RoomLimits limits;
    private final Shelf shelf;
    private final LinkMetrics metrics;
    private final Map<Id, Seat> seats = new LinkedHashMap<>();
    private final Map<Id, Long> departed = latest();
    private final Exchange exchange;
    private final @Nullable Topics topics;
    private Effects effects = new Effects();
    private List<Seat> signalled = new ArrayList<>();

    /** Whose sessions are to be kept anew. */
    private final Set<Seat> changed = new HashSet<>();

    private long deadlineMillis = Seat.NEVER;

    /**
     * An empty room.
     *
     * @param shelf its mailboxes
     */
    public Room(RoomLimits limits, Shelf shelf, LinkMetrics metrics) {
        this(limits, shelf, metrics, null);
    }

    /**
     * An empty room.
     *
     * @param shelf its mailboxes
     * @param topics what its sessions may read and publish to; null for none
     */
    public Room(RoomLimits limits, Shelf shelf, LinkMetrics metrics, @Nullable Topics topics) {
        this.topics = topics;
        this.limits = limits;
        this.shelf = shelf;
        this.metrics = metrics;
        exchange = new Exchange(this, metrics);
    }

    /** The incarnations that said goodbye for good, the latest of them. */
    private static Map<Id, Long> latest() {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Id, Long> eldest) {
                return size() > MAX_DEPARTED;
            }
        };
    }

    /** Takes up what an earlier server left: everybody is away, and waited for as ever. */
    public void restore(List<KeptSeat> kept, long nowMillis) {
        for (KeptSeat each : kept) {
            Seat seat = Seat.restored(each, topics);
            seat.expect(nowMillis, nowMillis + limits.leftAfter().toMillis());
            seats.put(each.id(), seat);
        }
        refreshDeadline();
    }

    /** What a {@code HELLO} comes to. */
    public sealed interface Joining {}

    /** It has the seat. */
    public record Joined(Attachment attachment) implements Joining {}

    /** It has not. */
    public record Refused(Ending why) implements Joining {}

    /** Takes a {@code HELLO} that was admitted under a name. */
    public Joining join(Hello hello, String peerName, Carrier carrier, long nowMillis) {
        Id id = hello.id();
        Seat seat = seats.get(id);
        if (seat == null) return sit(hello, peerName, carrier);

        long before = seat.session().member().incarnation();
        return switch (seat.session().greet(hello)) {
            case REPLACED -> new Refused(replaced());
            case OVERTAKEN -> new Refused(Ending.TAKEN_OVER);
            case RESUMED -> {
                CarrierKind kindBefore = seat.kind();
                Attachment attachment = attach(seat, carrier, true, Ending.TAKEN_OVER);
                // A poll that was welcomed goes on with a session that never paused.
                if (!hello.welcomed()) metrics.count(Counter.SESSIONS_RESUMED, 1);
                if (seat.away()) come(seat);
                else if (seat.kind() != kindBefore) tellOthers(Change.CARRIER, seat);
                if (seat.takeRestored()) appendRoster(seat);
                yield new Joined(attachment);
            }
            case BEGUN -> {
                boolean reload = hello.incarnation() > before;
                CarrierKind kindBefore = seat.kind();
                seat.name(peerName);
                seat.takeRestored();
                changed.add(seat);
                Attachment attachment =
                        attach(seat, carrier, false, reload ? replaced() : Ending.TAKEN_OVER);
                if (reload || seat.away()) come(seat);
                else if (seat.kind() != kindBefore) tellOthers(Change.CARRIER, seat);
                appendRoster(seat);
                yield new Joined(attachment);
            }
        };
    }

    private Joining sit(Hello hello, String peerName, Carrier carrier) {
        // A request that was under way when its peer left must not bring it back.
        Long last = departed.get(hello.id());
        if (last != null && hello.incarnation() <= last) return new Refused(Ending.TAKEN_OVER);
        if (seats.size() == limits.maxPeersPerRoom()) {
            return new Refused(
                    Ending.because(
                            ErrorCode.ROOM_FULL, "The room has " + seats.size() + " peers."));
        }
        Seat seat = new Seat(new ServerSession(hello.id(), shelf.open(hello.id())), topics);
        seat.session().greet(hello);
        seat.name(peerName);
        seats.put(hello.id(), seat);
        changed.add(seat);
        Attachment attachment = attach(seat, carrier, false, Ending.TAKEN_OVER);
        metrics.count(Counter.PEERS_JOINED, 1);
        tellOthers(Change.JOINED, seat);
        appendRoster(seat);
        return new Joined(attachment);
    }

    private static Ending replaced() {
        return Ending.because(
                ErrorCode.REPLACED, "A newer incarnation of this peer is in the room.");
    }

    private Attachment attach(Seat seat, Carrier carrier, boolean resumed, Ending forTheOlder) {
        DownReader olderReader = seat.reader();
        end(seat, forTheOlder);
        if (!resumed) metrics.count(Counter.SESSIONS_BEGUN, 1);
        if (!resumed) seat.subscriptions().forget();
        seat.kind(carrier.kind());
        Attachment attachment = new Attachment(seat, carrier, resumed);
        if (resumed && olderReader != null) attachment.reader().takeOver(olderReader);
        seat.attachment = attachment;
        seat.expect(Seat.NEVER, Seat.NEVER);
        return attachment;
    }

    /** Takes the present carrier away, and what waited for the next poll. */
    void end(Seat seat, Ending why) {
        Attachment older = seat.attachment;
        seat.between = null;
        if (older == null) return;
        older.detach();
        effects.end(older.carrier(), why);
    }

    /** Takes the frames of one packet; returns why the carrier ends. */
    public @Nullable Ending receive(
            Attachment from, List<UpFrame> frames, int packetBytes, long nowMillis) {
        // docs/protocol.md, section 2: a replaced carrier may still be talking.
        if (!from.present()) return null;
        Ending why = null;
        boolean numbered = false;
        for (UpFrame frame : frames) {
            numbered |= frame instanceof UpFrame.Up;
            if (frame instanceof UpFrame.Bye bye) {
                from.detach();
                from.seat().session().leave();
                why = bye(from.seat(), bye, nowMillis);
            } else {
                why = take(from.sender(), frame);
            }
            if (why != null) break;
        }
        if (numbered) took(from, packetBytes, nowMillis);
        return why;
    }

    /** Numbers were taken: their sender is told when what they brought about is kept. */
    private void took(Attachment from, int packetBytes, long nowMillis) {
        ServerSession session = from.seat().session();
        long incarnation = session.member().incarnation();
        long number = session.taken();
        changed.add(from.seat());
        effects.whenKept(
                () -> {
                    session.kept(incarnation, number);
                    from.reader().taken(number, packetBytes, nowMillis);
                    from.carrier().taken();
                });
    }

    /**
     * Takes a POST: docs/protocol.md, section 6. Whatever is repeated doubles nothing.
     *
     * @param frames what follows its {@code HELLO}
     * @param grant what its token says
     */
    public Posted post(Hello hello, List<UpFrame> frames, PostGrant grant, long nowMillis) {
        Seat seat = seats.get(hello.id());
        if (seat == null) return Posted.refused(noSession());
        return switch (seat.session().judge(hello)) {
            case NO_SESSION -> Posted.refused(noSession());
            case REPLACED -> Posted.refused(replaced());
            case MINE -> {
                Attachment reader = seat.attachment;
                boolean present = seat.session().belongsToPresent(hello);
                if (reader != null && present) {
                    effects.heard(reader.carrier());
                    // A POST that was late must not shorten what a later one has prolonged.
                    reader.expiresMillis(Math.max(reader.expiresMillis(), grant.expiresMillis()));
                }
                PostedFrames posted = new PostedFrames(this, seat, hello);
                TopicRights rights = grant.rights();
                if (rights != null) {
                    posted.sender().rights(rights);
                    if (reader != null && present) reader.sender().rights(rights);
                }
                Ending why = posted.take(frames, nowMillis);
                long number = seat.session().taken();
                changed.add(seat);
                effects.whenKept(() -> seat.session().kept(hello.incarnation(), number));
                yield new Posted(number, why, null, Commit.KEPT);
            }
        };
    }

    /** A POST came for a session that is not here. */
    public static Ending noSession() {
        return Ending.because(
                ErrorCode.NO_SESSION, "There is no session of this incarnation: greet first.");
    }

    /** Takes one frame of a carrier or a POST; returns why it ends. */
    @Nullable Ending take(Sender from, UpFrame frame) {
        return switch (frame) {
            case Hello _ -> Ending.because(ErrorCode.BAD_FRAME, "HELLO is the first frame only.");
            case UpFrame.Bind bind -> {
                from.bind(bind);
                yield null;
            }
            case UpFrame.Up up -> exchange.take(from, up);
            case UpFrame.Datagram datagram -> exchange.take(from, datagram);
            case UpFrame.Ack(long log, long offset) ->
                    from.seat().session().acknowledge(log, offset)
                            ? null
                            : Ending.because(ErrorCode.BAD_FRAME, "ACK of what was never there.");
            case UpFrame.Ping(Bytes probe) -> {
                exchange.pong(from.seat(), probe);
                yield null;
            }
            // A POST reads nothing; a goodbye has the HELLO of a way down all the same.
            case TopicListing listing -> {
                Attachment reading = from.seat().attachment;
                if (reading != null && reading.sender() == from) reading.list(listing);
                yield null;
            }
            // Its keeper has shown it to the door already.
            case UpFrame.Token _ -> null;
            case UpFrame.Bye _ -> throw new AssertionError("taken before");
        };
    }

    Ending bye(Seat seat, UpFrame.Bye bye, long nowMillis) {
        if (bye.graceMillis() == 0) {
            departed.put(seat.session().member().id(), seat.session().member().incarnation());
            leave(seat);
        } else {
            long grace = Math.min(bye.graceMillis(), limits.leftAfter().toMillis());
            seat.expect(nowMillis, nowMillis + grace);
            goAway(seat);
        }
        refreshDeadline();
        return Ending.DONE;
    }

    /** The carrier is gone: its peer is away after a while, and gone after another. */
    public void closed(Attachment attachment, long nowMillis) {
        if (!attachment.present()) return;
        attachment.detach();
        Seat seat = attachment.seat();
        if (seat.polls()) seat.between = attachment.reader();
        long awayAfter = limits.awayAfter(seat.kind()).toMillis();
        long leftAfter = Math.max(awayAfter, limits.leftAfter().toMillis());
        seat.expect(nowMillis + awayAfter, nowMillis + leftAfter);
        refreshDeadline();
    }

    void publish(Publishing publishing) {
        effects.publish(publishing);
    }

    /** Answers a {@link Publishing}, if who asked is here yet. */
    public void answer(Publishing publishing, Published answer) {
        Member from = publishing.from();
        Seat seat = seats.get(from.id());
        if (seat == null || seat.session().member().incarnation() != from.incarnation()) return;
        append(seat, new LogEntry(Bytes.EMPTY, answer.encode().compact()));
    }

    /** The reader was told of a gap: what it knew of the room may be void. */
    public void gapTold(Attachment attachment) {
        metrics.count(Counter.GAPS, 1);
        if (attachment.present()) appendRoster(attachment.seat());
    }

    /** When {@link #advance} has something to do; {@code Long.MAX_VALUE} for never. */
    public long deadlineMillis() {
        return deadlineMillis;
    }

    /** Lets time pass. */
    public void advance(long nowMillis) {
        if (nowMillis < deadlineMillis) return;
        for (Seat seat : List.copyOf(seats.values())) {
            if (seat.leftAtMillis <= nowMillis) leave(seat);
            else if (!seat.away() && seat.awayAtMillis <= nowMillis) goAway(seat);
        }
        refreshDeadline();
    }

    public boolean isEmpty() {
        return seats.isEmpty();
    }

    /** Peers with and without a seat of their own carrier: here, or away. */
    public int peers(boolean away) {
        int count = 0;
        for (Seat seat : seats.values()) {
            if (seat.away() == away) count++;
        }
        return count;
    }

    /** What is to be done since the last time, without the lock. */
    public Effects effects() {
        for (Seat seat : signalled) seat.signalled = false;
        signalled.clear();
        for (Seat seat : changed) shelf.note(seat.mailbox(), seat.note());
        changed.clear();
        Effects due = effects;
        due.commit(shelf.commit());
        effects = new Effects();
        return due;
    }

    /** The seat of an id; null when it is not in the room. */
    @Nullable Seat seat(Id id) {
        return seats.get(id);
    }

    /** Puts an entry in a seat's mailbox; its reader is told when the lock is free. */
    void append(Seat seat, LogEntry entry) {
        seat.append(entry);
        metrics.count(Counter.ENTRIES, 1);
        if (seat.signalled) return;
        seat.signalled = true;
        signalled.add(seat);
        effects.signal(seat.mailbox());
    }

    /** Its carrier has something to write that is in no log. */
    void wake(Seat seat) {
        Attachment reader = seat.attachment;
        if (reader != null) effects.wake(reader.carrier());
    }

    private void come(Seat seat) {
        seat.away(false);
        tellOthers(Change.BACK, seat);
    }

    private void goAway(Seat seat) {
        seat.away(true);
        seat.between = null;
        tellOthers(Change.AWAY, seat);
    }

    private void leave(Seat seat) {
        seats.remove(seat.session().member().id());
        changed.remove(seat);
        seat.mailbox().close();
        metrics.count(Counter.PEERS_LEFT, 1);
        tellOthers(Change.LEFT, seat);
    }

    private void tellOthers(Change change, Seat about) {
        Bytes body = new EntryBody.Presence(change, about.record()).encode().compact();
        LogEntry entry = new LogEntry(Bytes.EMPTY, body);
        for (Seat seat : seats.values()) {
            if (seat != about) append(seat, entry);
        }
    }

    private void appendRoster(Seat reader) {
        List<PeerRecord> peers = new ArrayList<>(seats.size());
        for (Seat seat : seats.values()) {
            if (seat != reader) peers.add(seat.record());
        }
        Bytes body = new EntryBody.Roster(peers).encode().compact();
        append(reader, new LogEntry(Bytes.EMPTY, body));
    }

    private void refreshDeadline() {
        deadlineMillis = Seat.NEVER;
        for (Seat seat : seats.values()) {
            deadlineMillis = Math.min(deadlineMillis, seat.deadlineMillis());
        }
    }
}
