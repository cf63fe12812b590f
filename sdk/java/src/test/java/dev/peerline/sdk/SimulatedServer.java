package dev.peerline.sdk;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.Sessions;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;
import dev.peerline.signaling.rooms.Admission;
import dev.peerline.signaling.rooms.IceServers;
import dev.peerline.signaling.rooms.RoomLimits;
import dev.peerline.signaling.rooms.Rooms;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The real rooms of a server, with carriers in virtual time instead of sockets. */
final class SimulatedServer {
    private static final long STEP_NANOS = 100 * VirtualLoop.MS;
    private static final Visitor VISITOR =
            new Visitor(InetAddress.getLoopbackAddress(), null, null, false);

    private final VirtualLoop loop;
    private final List<Reading> readings = new ArrayList<>();
    private Rooms rooms = fresh();

    SimulatedServer(VirtualLoop loop) {
        this.loop = loop;
        loop.after(STEP_NANOS, this::step);
    }

    private static Rooms fresh() {
        return new Rooms(
                new OpenDoor(), IceServers.NONE, "simulation", RoomLimits.DEFAULT, new NoMetrics());
    }

    /** Lets everybody in. */
    private static final class OpenDoor implements Admission {
        @Override
        public Decision knock(Visitor visitor) {
            return new Grant("", Grant.NEVER, null);
        }

        @Override
        public Decision admit(Visitor visitor, Request request) {
            return new Grant(request.name() == null ? "" : request.name(), Grant.NEVER, null);
        }
    }

    private static final class NoMetrics implements LinkMetrics {
        @Override
        public void count(Counter counter, long amount) {}

        @Override
        public void opened(CarrierKind kind) {}

        @Override
        public void closed(CarrierKind kind) {}

        @Override
        public void refused(ErrorCode code) {}
    }

    private void step() {
        rooms.advance(loop.nowMillis());
        loop.after(STEP_NANOS, this::step);
    }

    /** What waits in mailboxes. */
    long mailboxBytes() {
        return rooms.gauges().mailboxBytes();
    }

    /** All that it knew is forgotten, and all carriers end. */
    void restart() {
        for (Reading each : List.copyOf(readings)) each.end(new Ending(1006, null));
        rooms = fresh();
    }

    /** What a client's half of a carrier hears. */
    interface Client {
        void packet(Bytes packet);

        /** Nothing follows. */
        void ended(int code);
    }

    /**
     * The answer of a POST.
     *
     * @param taken whether it has a status of success
     */
    record Posted(Bytes packet, boolean taken) {}

    /** A POST comes in. */
    Posted post(Bytes packet) {
        List<UpFrame> frames = frames(packet);
        Hello hello = (Hello) frames.getFirst();
        Sessions.Posted posted =
                rooms.post(VISITOR, hello, frames.subList(1, frames.size()), loop.nowMillis());
        WireWriter answer = new WireWriter();
        if (posted.taken() != Sessions.Posted.NOTHING) {
            answer.frame(new DownFrame.UpAck(posted.taken()));
        }
        Ending ending = posted.ending();
        DownFrame last = ending == null ? null : ending.last();
        if (last != null) answer.frame(last);
        return new Posted(answer.take(), ending == null);
    }

    /**
     * A way down is opened.
     *
     * @param once whether one packet is all that it gets
     */
    Reading greet(CarrierKind kind, Bytes packet, boolean once, Client client) {
        Reading reading = new Reading(kind, once, client);
        reading.receive(packet);
        return reading;
    }

    private static List<UpFrame> frames(Bytes packet) {
        if (UpFrame.readAll(packet) instanceof Parsed.Good<List<UpFrame>>(List<UpFrame> frames)) {
            return frames;
        }
        throw new AssertionError("a malformed packet: " + packet);
    }

    /** One carrier that reads a mailbox. */
    final class Reading implements Carrier {
        private final CarrierKind kind;
        private final boolean once;
        private final Client client;
        private Sessions.@Nullable Session session;
        private @Nullable DownReader reader;
        private boolean ended;

        Reading(CarrierKind kind, boolean once, Client client) {
            this.kind = kind;
            this.once = once;
            this.client = client;
        }

        @Override
        public CarrierKind kind() {
            return kind;
        }

        @Override
        public LinkLimits limits() {
            return LinkLimits.DEFAULT;
        }

        void receive(Bytes packet) {
            if (ended) return;
            List<UpFrame> frames = frames(packet);
            Sessions.Session present = session;
            if (present == null && frames.getFirst() instanceof Hello hello) {
                switch (rooms.greet(VISITOR, hello, this, loop.nowMillis())) {
                    case Sessions.Greeted greeted -> {
                        session = greeted.session();
                        reader = greeted.reader();
                        readings.add(this);
                        frames = frames.subList(1, frames.size());
                    }
                    case Sessions.Refused(Ending why) -> {
                        refuse(why);
                        return;
                    }
                    case Sessions.Welcomed _ -> throw new AssertionError("welcomed twice");
                }
            }
            if (session != null && !frames.isEmpty()) {
                Ending why = session.receive(frames, packet.length(), loop.nowMillis());
                if (why != null) {
                    end(why);
                    return;
                }
            }
            wake();
        }

        private void refuse(Ending why) {
            ended = true;
            DownFrame last = why.last();
            if (last != null) client.packet(new WireWriter().frame(last).take());
            client.ended(why.closeCode());
        }

        @Override
        public void wake() {
            loop.execute(this::pump);
        }

        private void pump() {
            DownReader from = reader;
            if (ended || from == null || session == null) return;
            for (Bytes packet; (packet = from.next(loop.nowMillis())) != null; ) {
                client.packet(packet);
                if (from.takeGap()) session.gapTold();
                if (once) {
                    finish(1000);
                    return;
                }
            }
            long due = from.deadlineMillis();
            if (due < Long.MAX_VALUE) loop.at((due + 1) * VirtualLoop.MS, this::pump);
        }

        @Override
        public void end(Ending why) {
            if (ended) return;
            DownReader from = reader;
            if (from != null) {
                from.end(why.last());
                for (Bytes packet; (packet = from.next(loop.nowMillis())) != null; ) {
                    client.packet(packet);
                }
            }
            finish(why.closeCode());
        }

        /** Its connection is gone, or its time is over. */
        void finish(int code) {
            if (ended) return;
            ended = true;
            readings.remove(this);
            if (session != null) session.closed(loop.nowMillis());
            client.ended(code);
        }
    }
}
