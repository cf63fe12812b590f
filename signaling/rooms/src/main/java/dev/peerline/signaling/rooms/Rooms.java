package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.Sessions;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.Mailboxes;
import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;
import dev.peerline.fallback.link.mailbox.Mailboxes.KeptRoom;
import dev.peerline.fallback.link.mailbox.MemoryMailboxes;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.signaling.rooms.Admission.Decision;
import dev.peerline.signaling.rooms.Admission.Grant;
import dev.peerline.signaling.rooms.Admission.Request;
import dev.peerline.signaling.rooms.room.Attachment;
import dev.peerline.signaling.rooms.room.Effects;
import dev.peerline.signaling.rooms.room.PostGrant;
import dev.peerline.signaling.rooms.room.Publishing;
import dev.peerline.signaling.rooms.room.Room;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** All rooms of this server. Thread-safe: one lock a room, never held over I/O or a callback. */
public final class Rooms implements Sessions {
    /** A disk that is full or slow is asked again after this. */
    private static final long STORAGE_RETRY_MILLIS = 2_000;

    private final Admission admission;
    private final IceServers iceServers;
    private final String server;
    private final RoomLimits limits;
    private final LinkMetrics metrics;
    private final Mailboxes mailboxes;
    private final Budget budget;
    private final @Nullable TopicDoor topics;
    private final Publisher publisher;
    private final ConcurrentMap<String, Cell> cells = new ConcurrentHashMap<>();

    /** What can be seen at a glance; counted when asked for. */
    public record Gauges(int rooms, int peersHere, int peersAway, long mailboxBytes) {}

    /** Mailboxes, and the limits that they were made with. */
    public record Kept(Mailboxes mailboxes, LogLimits limits) {}

    /** Mailboxes that live as long as the process. */
    public static Kept inMemory(LogLimits limits) {
        return new Kept(new MemoryMailboxes(limits, Rooms::epoch), limits);
    }

    /** A number that nobody can foretell, for the life of a log. */
    public static long epoch() {
        return ThreadLocalRandom.current().nextLong(1L << 53);
    }

    /** A room and its lock, which is this object's. */
    static final class Cell {
        private final String name;
        private final Room room;

        /** Guarded by the lock: the room was empty and is forgotten. */
        private boolean closed;

        /** Read without the lock, to see whether it is worth taking. */
        private volatile long deadlineMillis = Long.MAX_VALUE;

        Cell(String name, Room room) {
            this.name = name;
            this.room = room;
        }
    }

    /** Rooms that live as long as the process. */
    public Rooms(
            Admission admission,
            IceServers iceServers,
            String server,
            RoomLimits limits,
            LinkMetrics metrics) {
        this(admission, iceServers, server, limits, metrics, inMemory(limits.logs()));
    }

    /**
     * @param server the name and version that clients are told, as {@code peerline/0.1.0}
     * @param kept the mailboxes; the rooms that they hold are taken up
     */
    public Rooms(
            Admission admission,
            IceServers iceServers,
            String server,
            RoomLimits limits,
            LinkMetrics metrics,
            Kept kept) {
        this(admission, iceServers, server, limits, metrics, kept, null);
    }

    /**
     * @param server the name and version that clients are told, as {@code peerline/0.1.0}
     * @param kept the mailboxes; the rooms that they hold are taken up
     * @param topics what sessions may read and publish to beside their rooms; null for nothing
     */
    public Rooms(
            Admission admission,
            IceServers iceServers,
            String server,
            RoomLimits limits,
            LinkMetrics metrics,
            Kept kept,
            @Nullable TopicDoor topics) {
        this.topics = topics;
        publisher = new Publisher(topics);
        this.admission = admission;
        this.iceServers = iceServers;
        this.server = server;
        this.limits = limits;
        this.metrics = metrics;
        mailboxes = kept.mailboxes;
        budget = kept.limits.budget();
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        for (KeptRoom former : mailboxes.kept()) {
            Room room = new Room(limits, former.shelf(), metrics, logs());
            room.restore(former.seats(), now);
            Cell cell = new Cell(former.name(), room);
            cell.deadlineMillis = room.deadlineMillis();
            cells.put(former.name(), cell);
        }
    }

    /** The present numbers, for {@code /metrics}. */
    public Gauges gauges() {
        int here = 0;
        int away = 0;
        for (Cell cell : cells.values()) {
            synchronized (cell) {
                here += cell.room.peers(false);
                away += cell.room.peers(true);
            }
        }
        return new Gauges(cells.size(), here, away, budget.used());
    }

    @Override
    public Answer knock(Visitor visitor) {
        return switch (admission.knock(visitor)) {
            case Grant grant -> new Welcomed(grant.limitsKey());
            case Admission.Refusal refusal -> refused(refusal);
        };
    }

    @Override
    public Answer greet(Visitor visitor, Hello hello, Carrier carrier, long nowMillis) {
        String peerId = hello.id().text();
        Request request = new Request(hello.room(), peerId, hello.name(), hello.token());
        return switch (admission.admit(visitor, request)) {
            case Admission.Refusal refusal -> refused(refusal);
            case Grant grant -> {
                Pass pass = new Pass(this, visitor, request, grant, nowMillis);
                Ending expired = pass.check(nowMillis);
                if (expired != null) yield new Refused(expired);
                String ice = iceServers.json(peerId, visitor);
                RoomSession session = new RoomSession(this, pass);
                yield enter(session, new Entering(hello, carrier, grant, ice), nowMillis);
            }
        };
    }

    @Override
    public Posted post(Visitor visitor, Hello hello, List<UpFrame> frames, long nowMillis) {
        Request request = new Request(hello.room(), hello.id().text(), hello.name(), hello.token());
        return switch (admission.admit(visitor, request)) {
            case Admission.Refusal refusal -> Posted.refused(ending(refusal));
            case Grant grant -> post(visitor, request, grant, new Post(hello, frames, nowMillis));
        };
    }

    private record Post(Hello hello, List<UpFrame> frames, long nowMillis) {}

    private Posted post(Visitor visitor, Request request, Grant grant, Post post) {
        Pass pass = new Pass(this, visitor, request, grant, post.nowMillis);
        Ending refused = pass.check(post.nowMillis);
        if (refused == null) refused = pass.refresh(post.frames, post.nowMillis);
        if (refused == null) refused = trouble(post.frames);
        if (refused != null) return Posted.refused(refused);
        Cell cell = cells.get(post.hello.room());
        boolean topical = post.frames.stream().anyMatch(Rooms::isAboutTopics);
        PostGrant granted = new PostGrant(pass.expiresMillis(), topical ? pass.rights() : null);
        Posting posting = new Posting();
        Commit commit = Commit.KEPT;
        if (cell != null) {
            commit =
                    within(
                            cell,
                            room ->
                                    posting.posted =
                                            room.post(
                                                    post.hello,
                                                    post.frames,
                                                    granted,
                                                    post.nowMillis));
        }
        Posted posted = posting.posted;
        return new Posted(posted.taken(), posted.ending(), grant.limitsKey(), commit);
    }

    private static final class Posting {
        private Posted posted = Posted.refused(Room.noSession());
    }

    /** Who comes in, and what is told. */
    private record Entering(Hello hello, Carrier carrier, Grant grant, String ice) {}

    private Answer enter(RoomSession session, Entering who, long nowMillis) {
        Grant grant = who.grant;
        while (true) {
            Cell cell = cell(who.hello.room());
            if (cell == null) return new Refused(tooManyRooms());
            Effects effects;
            Room.Joining joining;
            synchronized (cell) {
                if (cell.closed) continue;
                joining = cell.room.join(who.hello, grant.name(), who.carrier, nowMillis);
                if (joining instanceof Room.Joined(Attachment attachment)) {
                    session.attach(cell, attachment);
                    Welcome welcome = welcome(who, attachment);
                    if (attachment.mustTell(welcome, who.hello, nowMillis)) {
                        attachment.reader().first(welcome);
                    }
                }
                effects = settle(cell);
            }
            effects.run();
            if (joining instanceof Room.Joined(Attachment seated) && seated.awaitsTopics()) {
                session.readOn();
            }
            return switch (joining) {
                case Room.Joined(Attachment attachment) ->
                        new Greeted(
                                session,
                                attachment.reader(),
                                grant.limitsKey(),
                                attachment.resumed());
                case Room.Refused(Ending why) -> new Sessions.Refused(why);
            };
        }
    }

    private Welcome welcome(Entering who, Attachment attachment) {
        LinkLimits link = who.carrier.limits();
        Grant grant = who.grant;
        return new Welcome(
                who.hello.id(),
                grant.name(),
                attachment.cursor(),
                attachment.up(),
                attachment.resumed(),
                new Welcome.Terms(
                        limits.leftAfter().toMillis(),
                        link.ping().toMillis(),
                        link.maxPacketBytes(),
                        server,
                        topics == null ? 0 : Room.MAX_SUBSCRIPTIONS,
                        who.carrier.takesOffers()),
                who.ice,
                grant.expiresAtMillis() == Grant.NEVER ? 0 : grant.expiresAtMillis());
    }

    @Override
    public void advance(long nowMillis) {
        for (Cell cell : cells.values()) {
            if (cell.deadlineMillis > nowMillis) continue;
            within(cell, room -> room.advance(nowMillis));
        }
    }

    Decision admit(Visitor visitor, Request request) {
        return admission.admit(visitor, request);
    }

    /** Does something with a room under its lock, and what came of it without. */
    Commit within(Cell cell, Consumer<Room> work) {
        Effects effects;
        synchronized (cell) {
            work.accept(cell.room);
            effects = settle(cell);
        }
        effects.run();
        for (Publishing each : effects.publishings()) {
            publisher.publish(each, answer -> within(cell, room -> room.answer(each, answer)));
        }
        return effects.commit();
    }

    /** What a token allows with topics. */
    TopicRights rights(Visitor visitor, @Nullable String token) {
        return topics == null ? TopicRights.NONE : topics.rights(visitor, token);
    }

    /** Whether a frame asks for rights. */
    static boolean isAboutTopics(UpFrame frame) {
        return frame instanceof TopicListing
                || (frame instanceof UpFrame.Up up && up.body() instanceof TopicUp);
    }

    void delivered(CarrierKind kind, long messages, long gaps) {
        if (topics == null) return;
        topics.metrics().delivered(kind, (int) messages);
        for (long i = 0; i < gaps; i++) topics.metrics().gap();
    }

    private @Nullable Topics logs() {
        return topics == null ? null : topics.topics();
    }

    /** The last thing under a room's lock. */
    private Effects settle(Cell cell) {
        cell.deadlineMillis = cell.room.deadlineMillis();
        if (cell.room.isEmpty() && !cell.closed) {
            cell.closed = true;
            cells.remove(cell.name, cell);
        }
        return cell.room.effects();
    }

    private @Nullable Cell cell(String room) {
        Cell present = cells.get(room);
        if (present != null) return present;
        if (cells.size() >= limits.maxRooms()) return null;
        return cells.computeIfAbsent(
                room,
                name -> new Cell(name, new Room(limits, mailboxes.shelf(name), metrics, logs())));
    }

    /** Why what is numbered cannot be taken at present; null when all is well. */
    @Nullable Ending trouble(List<UpFrame> frames) {
        String problem = mailboxes.trouble();
        if (problem == null || frames.stream().noneMatch(UpFrame.Up.class::isInstance)) return null;
        return Ending.because(
                Refusal.of(ErrorCode.STORAGE, problem).withRetryAfterMillis(STORAGE_RETRY_MILLIS));
    }

    private Ending tooManyRooms() {
        return Ending.because(
                ErrorCode.TOO_MANY_ROOMS, "The server has " + limits.maxRooms() + " rooms.");
    }

    static Ending ending(Admission.Refusal refusal) {
        return Ending.because(
                Refusal.of(refusal.code(), refusal.message()).withHint(refusal.hint()));
    }

    private static Refused refused(Admission.Refusal refusal) {
        return new Refused(ending(refusal));
    }
}
