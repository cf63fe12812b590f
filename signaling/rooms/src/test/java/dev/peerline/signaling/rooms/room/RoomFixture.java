package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.Mailboxes.Shelf;
import dev.peerline.fallback.link.mailbox.MemoryMailboxes;
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
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A room in virtual time, and peers that keep a view of it. */
final class RoomFixture {
    final Budget budget = new Budget(Long.MAX_VALUE);
    final Room room;
    long now = 1_000;
    private long epochs;

    RoomFixture(RoomLimits limits) {
        LogLimits logs = new LogLimits(limits.mailboxBytes(), limits.mailboxEntries(), budget);
        Shelf shelf = new MemoryMailboxes(logs, () -> ++epochs).shelf("lobby");
        room = new Room(limits, shelf, LinkMetrics.NONE);
    }

    Peer peer(String name) {
        return new Peer(name);
    }

    /** Lets time pass, second by second. */
    void pass(long millis) {
        long end = now + millis;
        while (now < end) {
            now = Math.min(end, now + 100);
            room.advance(now);
            room.effects().run();
        }
    }

    /** One socket. */
    static final class Socket implements Carrier {
        @Nullable Ending ended;
        final CarrierKind kind;
        int wakes;
        int heard;

        Socket(CarrierKind kind) {
            this.kind = kind;
        }

        @Override
        public CarrierKind kind() {
            return kind;
        }

        @Override
        public void heard() {
            heard++;
        }

        @Override
        public void wake() {
            wakes++;
        }

        @Override
        public LinkLimits limits() {
            return LinkLimits.DEFAULT;
        }

        @Override
        public void end(Ending why) {
            if (ended == null) ended = why;
        }
    }

    /** A client: what it reads goes into its view at once. */
    final class Peer {
        final String name;
        final Bytes key;
        long incarnation = 1;
        long attempt;
        long number;
        @Nullable Cursor cursor;
        CarrierKind kind = CarrierKind.WEBSOCKET;
        Socket socket = new Socket(kind);
        @Nullable Attachment attachment;
        @Nullable Ending refused;

        /** Who is in the room, by roster and presence. */
        final Map<Id, PeerRecord> view = new LinkedHashMap<>();

        final List<EntryBody> read = new ArrayList<>();
        private boolean rosterSeen;

        Peer(String name) {
            this.name = name;
            key = Bytes.utf8((name + "-".repeat(32)).substring(0, 32));
        }

        Member member() {
            return new Member(Id.of("lobby", key), incarnation);
        }

        /** Connects; returns whether it resumed. False too when it was refused. */
        boolean connect() {
            socket = new Socket(kind);
            Hello hello =
                    new Hello("lobby", key, incarnation, null, name, cursor, number + 1, ++attempt);
            Room.Joining joining = room.join(hello, name, socket, now);
            room.effects().run();
            if (joining instanceof Room.Refused(Ending why)) {
                refused = why;
                return false;
            }
            Attachment seated = ((Room.Joined) joining).attachment();
            attachment = seated;
            if (!seated.resumed() || cursor == null) {
                cursor = seated.cursor();
                rosterSeen = false;
            }
            return seated.resumed();
        }

        Peer join() {
            if (connect()) throw new AssertionError("resumed");
            return this;
        }

        void cut() {
            Attachment seated = attachment();
            attachment = null;
            room.closed(seated, now);
            room.effects().run();
        }

        /** Sends frames; returns why the carrier ends. */
        @Nullable Ending send(UpFrame... frames) {
            Ending why = room.receive(attachment(), List.of(frames), 100, now);
            room.effects().run();
            return why;
        }

        void say(String text, Member... to) {
            Ending why =
                    send(
                            new UpFrame.Bind(0, List.of(to)),
                            new UpFrame.Up(++number, new UpBody.Envelope(0, Bytes.utf8(text))));
            if (why != null) throw new AssertionError(why.toString());
        }

        /** Reads all there is. */
        Peer read() {
            Bytes packet = attachment().reader().next(now);
            for (; packet != null; packet = attachment().reader().next(now)) {
                if (!(DownFrame.readAll(packet)
                        instanceof Parsed.Good<List<DownFrame>>(var frames))) {
                    throw new AssertionError("malformed");
                }
                frames.forEach(this::take);
                if (attachment().reader().takeGap()) room.gapTold(attachment());
            }
            room.effects().run();
            return this;
        }

        void acknowledge() {
            Cursor at = cursor;
            if (at != null) send(new UpFrame.Ack(0, at.offset()));
        }

        private void take(DownFrame frame) {
            Cursor at = cursor;
            if (at == null) throw new AssertionError("not welcome yet");
            if (frame instanceof DownFrame.Gap gap) {
                cursor = new Cursor(at.epoch(), gap.offset());
                rosterSeen = false;
            }
            if (!(frame instanceof DownFrame.Entry(_, long offset, EntryBody body))) return;
            if (offset != at.offset() + 1) throw new AssertionError(offset + " after " + at);
            cursor = new Cursor(at.epoch(), offset);
            read.add(body);
            look(body);
        }

        private void look(EntryBody body) {
            if (body instanceof EntryBody.Roster(List<PeerRecord> peers)) {
                view.clear();
                for (PeerRecord peer : peers) view.put(peer.member().id(), peer);
                rosterSeen = true;
            } else if (body instanceof EntryBody.Presence(EntryBody.Change change, PeerRecord p)) {
                if (!rosterSeen) return;
                if (change == EntryBody.Change.LEFT) view.remove(p.member().id());
                else view.put(p.member().id(), p);
            }
        }

        /** The texts of envelopes read so far. */
        List<String> heard() {
            List<String> texts = new ArrayList<>();
            for (EntryBody body : read) {
                if (body instanceof EntryBody.Envelope envelope) {
                    texts.add(new String(envelope.frames().toArray(), StandardCharsets.UTF_8));
                }
            }
            return texts;
        }

        Attachment attachment() {
            Attachment seated = attachment;
            if (seated == null) throw new IllegalStateException(name + " is not connected");
            return seated;
        }
    }
}
