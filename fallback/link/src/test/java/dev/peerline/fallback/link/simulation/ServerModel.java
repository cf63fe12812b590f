package dev.peerline.fallback.link.simulation;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The server's half of docs/protocol.md as small as it can be: one room, mailboxes in memory,
 * written from the protocol alone.
 */
final class ServerModel {
    private static final Welcome.Terms TERMS = new Welcome.Terms(120_000, 15_000, 262_144, "model");

    private final Map<Id, Seat> seats = new LinkedHashMap<>();
    private long epochs;

    /** A peer of the room, and its mailbox. */
    private static final class Seat {
        final String name;
        final long epoch;
        final Deque<EntryBody> log = new ArrayDeque<>();
        Member member;
        long forgotten;
        long taken;
        @Nullable Carrier carrier;

        Seat(Member member, String name, long epoch) {
            this.member = member;
            this.name = name;
            this.epoch = epoch;
        }

        void append(EntryBody body) {
            log.add(body);
            Carrier reader = carrier;
            if (reader != null) reader.pump();
        }

        void unseat() {
            Carrier present = carrier;
            if (present != null) present.seat = null;
            carrier = null;
        }

        PeerRecord record() {
            return new PeerRecord(member, false, CarrierKind.WEBSOCKET, name);
        }
    }

    Carrier connect(Consumer<Bytes> toClient) {
        return new Carrier(toClient);
    }

    boolean knows(Id id) {
        return seats.containsKey(id);
    }

    /** Entries that wait for a peer that is here. */
    int waitingFor(Id id) {
        Seat seat = seats.get(id);
        return seat == null ? 0 : seat.log.size();
    }

    /** Loses everything, as a restart without a disk does. */
    void restart() {
        seats.values().forEach(Seat::unseat);
        seats.clear();
    }

    /** The peer left, or was away for too long. */
    void expel(Id id) {
        Seat seat = seats.remove(id);
        if (seat == null) return;
        seat.unseat();
        tellOthers(seat, EntryBody.Change.LEFT);
    }

    private void tellOthers(Seat seat, EntryBody.Change change) {
        EntryBody body = new EntryBody.Presence(change, seat.record());
        for (Seat other : seats.values()) {
            if (other != seat) other.append(body);
        }
    }

    private EntryBody.Roster rosterFor(Seat seat) {
        List<PeerRecord> others = new ArrayList<>();
        for (Seat other : seats.values()) {
            if (other != seat) others.add(other.record());
        }
        return new EntryBody.Roster(others);
    }

    private void send(Seat from, List<Member> members, Bytes frames) {
        for (Member to : members) {
            Seat seat = seats.get(to.id());
            if (seat == null) continue;
            seat.append(new EntryBody.Envelope(from.member, to.incarnation(), frames));
        }
    }

    /** One connection, from the server's side. */
    final class Carrier {
        private final Consumer<Bytes> toClient;
        private final Map<Integer, List<Member>> groups = new HashMap<>();
        private @Nullable Seat seat;
        private long read;
        private long attempt;

        Carrier(Consumer<Bytes> toClient) {
            this.toClient = toClient;
        }

        void receive(Bytes packet) {
            if (!(UpFrame.readAll(packet) instanceof Parsed.Good<List<UpFrame>>(var frames))) {
                throw new AssertionError("the client sent a malformed packet: " + packet);
            }
            long before = taken();
            frames.forEach(this::take);
            if (seat != null && taken() != before) tell(new DownFrame.UpAck(taken()));
        }

        private long taken() {
            return seat == null ? 0 : seat.taken;
        }

        private void tell(DownFrame frame) {
            toClient.accept(frame.encode());
        }

        private void take(UpFrame frame) {
            if (frame instanceof Hello hello) {
                greet(hello);
                return;
            }
            Seat own = seat;
            // Replaced by a newer carrier: what this one still brings comes again there.
            if (own == null) return;
            switch (frame) {
                case UpFrame.Bind(int group, List<Member> members) -> groups.put(group, members);
                case UpFrame.Up(long number, UpBody body) -> take(own, number, body);
                case UpFrame.Datagram(int group, Bytes frames) -> datagram(own, group, frames);
                case UpFrame.Ack(long _, long offset) -> forget(own, offset);
                case UpFrame.Ping(Bytes probe) -> tell(new DownFrame.Pong(probe));
                case UpFrame.Bye _ -> expel(own.member.id());
                case UpFrame.Token _, Hello _, TopicListing _ -> {}
            }
        }

        private void greet(Hello hello) {
            Member member = new Member(idOf(hello), hello.incarnation());
            attempt = hello.attempt();
            Seat known = seats.get(member.id());
            if (known != null && overtaken(known, member)) return;
            Seat own =
                    known != null
                            ? known
                            : new Seat(
                                    member, Objects.requireNonNullElse(hello.name(), ""), ++epochs);
            Cursor cursor = hello.cursor();
            boolean resumed =
                    known != null
                            && member.equals(known.member)
                            && cursor != null
                            && cursor.epoch() == known.epoch
                            && cursor.offset() >= known.forgotten;
            if (!member.equals(own.member) || known == null) {
                own.member = member;
                seats.put(member.id(), own);
                tellOthers(own, known == null ? EntryBody.Change.JOINED : EntryBody.Change.BACK);
            }
            if (!resumed) own.taken = hello.base() - 1;
            own.unseat();
            own.carrier = this;
            seat = own;
            if (resumed && cursor != null) forget(own, cursor.offset());
            read = own.forgotten;
            welcome(own, resumed);
        }

        /** A later carrier of the same page is here, or a reloaded page. */
        private boolean overtaken(Seat known, Member member) {
            long incarnation = known.member.incarnation();
            if (member.incarnation() != incarnation) return member.incarnation() < incarnation;
            Carrier present = known.carrier;
            return present != null && present.attempt > attempt;
        }

        private void welcome(Seat own, boolean resumed) {
            tell(
                    new Welcome(
                            own.member.id(),
                            own.name,
                            new Cursor(own.epoch, read),
                            own.taken,
                            resumed,
                            TERMS,
                            null,
                            0));
            if (resumed) pump();
            else own.append(rosterFor(own));
        }

        private void take(Seat own, long number, UpBody body) {
            if (number > own.taken + 1) {
                throw new AssertionError("way-up number " + number + " after " + own.taken);
            }
            if (number <= own.taken) return;
            own.taken = number;
            switch (body) {
                case UpBody.Envelope(int group, Bytes frames) -> send(own, bound(group), frames);
                case TopicUp _ -> throw new AssertionError("nobody subscribes here");
                case UpBody.Acks(List<UpBody.Acknowledgement> list) -> {
                    for (UpBody.Acknowledgement each : list) {
                        send(own, List.of(each.to()), each.frames());
                    }
                }
                case UpBody.Signal _ -> throw new AssertionError("nobody signals here");
            }
        }

        private List<Member> bound(int group) {
            return Objects.requireNonNull(groups.get(group), "a group that is not bound");
        }

        private void datagram(Seat own, int group, Bytes frames) {
            for (Member to : bound(group)) {
                Seat other = seats.get(to.id());
                Carrier reader = other == null ? null : other.carrier;
                if (reader != null) {
                    reader.tell(new DownFrame.Datagram(own.member, to.incarnation(), frames));
                }
            }
        }

        private void forget(Seat own, long offset) {
            while (own.forgotten < offset && !own.log.isEmpty()) {
                own.log.remove();
                own.forgotten++;
            }
        }

        private void pump() {
            Seat own = seat;
            if (own == null) return;
            long offset = own.forgotten;
            for (EntryBody body : List.copyOf(own.log)) {
                if (++offset <= read) continue;
                read = offset;
                tell(new DownFrame.Entry(0, offset, body));
            }
        }
    }

    /** Without the digest: a seed makes thousands of keys. */
    static Id idOf(Bytes key) {
        var bytes = key.buffer();
        return new Id(bytes.getLong(), bytes.getLong());
    }

    private static Id idOf(Hello hello) {
        return idOf(hello.key());
    }
}
