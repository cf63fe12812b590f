package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The client's half of a session, which outlives the carriers that it runs on, at most one at a
 * time. Its owner opens carriers ({@link #open}, {@link #closed}), passes packets ({@link
 * #receive}) and time ({@link #advance}), and drains {@link #nextEvent} and {@link #transmit}.
 * Packets of a carrier that was replaced are the owner's to drop. Not thread-safe.
 */
public final class ClientSession {
    /** {@code ACK} waits so long for something to ride along with, at most. */
    static final long ACK_DELAY_NANOS = Duration.ofMillis(25).toNanos();

    /** So much that was taken is acknowledged at once. */
    static final int ACK_BYTES = 64 * 1024;

    /** Frames are added to a packet until it has this size; the last may be one of 16 KiB. */
    static final int PACKET_BYTES = 64 * 1024;

    /** Datagrams that wait for a carrier; unreliable, so the oldest go first. */
    static final int MAX_DATAGRAMS = 64;

    /** Until the server says its own. */
    static final long FIRST_PING_NANOS = Duration.ofSeconds(15).toNanos();

    private static final long NEVER = Long.MAX_VALUE;
    private static final String FORGOTTEN = "the server does not know this session any more";
    private static final Refusal BAD_FRAME =
            new Refusal(
                    ErrorCode.BAD_FRAME.name(),
                    "The server sent a malformed frame.",
                    true,
                    0,
                    null);

    private final Identity identity;
    private final Deque<SessionEvent> events = new ArrayDeque<>();
    private final UpQueue queue = new UpQueue();
    private final Deque<Waiting> datagrams = new ArrayDeque<>();
    private final Groups groups = new Groups();
    private WireWriter control = new WireWriter();
    private @Nullable String token;

    private Carrier carrier = Carrier.NONE;
    private Way way = Way.SOCKET;

    /** Whether carriers come one after the other, so that nothing of an older one is under way. */
    private boolean alone = true;

    /** The highest that was given, and that of the present carrier. */
    private long attempt;

    private long presentAttempt;

    /**
     * Rises with every POST; what the last one held besides numbered frames; whether it owes a
     * token.
     */
    private long post;

    private Bytes posted = Bytes.EMPTY;
    private boolean tokenDue;
    private long helloAtNanos;
    private long helloBase = 1;

    private @Nullable Cursor cursor;

    /** Presence before the roster is an older session's view. */
    private boolean rosterSeen;

    private long ackAtNanos = NEVER;
    private int ackBytes;

    private Ping ping = Ping.NONE;
    private long pingAtNanos;
    private long pingNanos = FIRST_PING_NANOS;
    private long heardAtNanos;
    private long progressAtNanos;

    public ClientSession(Identity identity, @Nullable String token) {
        this.identity = identity;
        this.token = token;
    }

    /**
     * Who connects.
     *
     * @param key 32 bytes that prove the id
     * @param incarnation higher than any before it
     * @param name null when the peer has none
     */
    public record Identity(String room, Bytes key, long incarnation, @Nullable String name) {}

    /** How a carrier takes what goes up, and what its reader tells of how far it has come. */
    public enum Way {
        /** Both ways on one: a WebSocket. */
        SOCKET,
        /** Down a stream that does not end, up by POST. */
        STREAM,
        /** Down by requests, each of which says how far the last was read; up by POST. */
        REQUESTS
    }

    /**
     * A {@code HELLO}, to be put on a carrier, or into a request.
     *
     * @param packet holds key and token
     */
    public record Greeting(long attempt, long base, long atNanos, Bytes packet) {
        /** Without what no log may see. */
        @Override
        public String toString() {
            return "Greeting[attempt=%d, base=%d]".formatted(attempt, base);
        }
    }

    private enum Carrier {
        NONE,
        /** {@code HELLO} has to go. */
        NEW,
        /** {@code HELLO} went; {@code WELCOME} has not come. */
        GREETING,
        OPEN
    }

    private enum Ping {
        NONE,
        WRITTEN,
        SENT
    }

    private record Waiting(List<Member> members, Bytes frames) {}

    // Carriers

    /** A new carrier is up, which takes packets both ways; it replaces the one before. */
    public void open(long nowNanos) {
        carrier = Carrier.NEW;
        way = Way.SOCKET;
        alone = true;
        helloAtNanos = nowNanos;
        restart(nowNanos);
    }

    private void restart(long nowNanos) {
        heardAtNanos = nowNanos;
        progressAtNanos = nowNanos;
        queue.rewind();
        groups.clear();
        control = new WireWriter();
        posted = Bytes.EMPTY;
        tokenDue = false;
        ping = Ping.NONE;
    }

    /** Greets on another carrier, while the present one is used until the other is welcome. */
    public Greeting greet(long nowNanos) {
        return greeting(++attempt, false, nowNanos);
    }

    /** For the next request of the present carrier; it says how far the last answer was read. */
    public Greeting greetAgain(long nowNanos) {
        presentAttempt = ++attempt;
        return greeting(presentAttempt, true, nowNanos);
    }

    /** The attempt of the carrier that was welcome last: what was greeted before it is over. */
    public long presentAttempt() {
        return carrier == Carrier.NONE ? 0 : presentAttempt;
    }

    private Greeting greeting(long number, boolean welcomed, long nowNanos) {
        long base = queue.base();
        return new Greeting(number, base, nowNanos, hello(number, base, welcomed, 0).encode());
    }

    /**
     * The carrier that was greeted so is welcome, and replaces the one before; its packet follows.
     */
    public void adopt(Greeting greeting, Way its, long nowNanos) {
        carrier = Carrier.GREETING;
        way = its;
        alone = false;
        presentAttempt = greeting.attempt();
        helloBase = greeting.base();
        restart(nowNanos);
        helloAtNanos = greeting.atNanos();
        // More may have been read since it greeted, and that acknowledgement be lost.
        if (cursor != null) ackAtNanos = Math.min(ackAtNanos, nowNanos + ACK_DELAY_NANOS);
    }

    /** The carrier is gone. */
    public void closed() {
        carrier = Carrier.NONE;
    }

    /** The token of the next {@code HELLO}; the server learns of it at once where it can. */
    public void refresh(String fresh) {
        token = fresh;
        if (way != Way.SOCKET) {
            tokenDue = true;
        } else if (carrier == Carrier.GREETING || carrier == Carrier.OPEN) {
            control.frame(new UpFrame.Token(fresh));
        }
    }

    // The way up

    /** Pair frames for a group of peers. */
    public void envelope(List<Member> members, Bytes frames) {
        queue.add(members, group -> new UpBody.Envelope(group, frames), frames.length());
    }

    public void signal(Member to, Signal signal) {
        Bytes fields = signal.encode();
        queue.add(List.of(to), group -> new UpBody.Signal(group, fields), fields.length());
    }

    /** Acknowledgements for many senders, in one frame. */
    public void acks(List<UpBody.Acknowledgement> acks) {
        UpBody body = new UpBody.Acks(List.copyOf(acks));
        WireWriter size = new WireWriter();
        body.write(size);
        queue.add(List.of(), _ -> body, size.size());
    }

    /** Pair frames that may be lost and are never doubled. */
    public void datagram(List<Member> members, Bytes frames) {
        datagrams.add(new Waiting(List.copyOf(members), frames));
        if (datagrams.size() > MAX_DATAGRAMS) datagrams.remove();
    }

    /**
     * Leaves the room.
     *
     * @param graceMillis 0: now; else away now, and gone after it
     */
    public void bye(long graceMillis) {
        control.frame(new UpFrame.Bye(graceMillis));
    }

    /** Asks for a sign of life. */
    public void ping() {
        if (carrier != Carrier.OPEN || ping != Ping.NONE) return;
        ping = Ping.WRITTEN;
        control.frame(new UpFrame.Ping(Bytes.EMPTY));
    }

    /** Where the mailbox was read to; null before the first welcome. */
    public @Nullable Cursor cursor() {
        return cursor;
    }

    /** Bytes that the server has not taken. */
    public long upBytes() {
        return queue.bytes();
    }

    /**
     * How long an answer is overdue: since the server last took or answered something, 0 when it
     * owes nothing.
     */
    public long silentForNanos(long nowNanos) {
        boolean owed =
                switch (carrier) {
                    case NONE -> false;
                    case NEW, GREETING -> true;
                    case OPEN -> queue.awaited() || ping != Ping.NONE;
                };
        return owed ? nowNanos - progressAtNanos : 0;
    }

    /** When to call {@link #advance} and {@link #transmit}; {@code Long.MAX_VALUE}: never. */
    public long deadlineNanos() {
        return carrier == Carrier.OPEN ? Math.min(ackAtNanos, heardAtNanos + pingNanos) : NEVER;
    }

    /** The same while the carrier takes nothing: {@link #transmit} is called when it does again. */
    public long advanceAtNanos() {
        return carrier == Carrier.OPEN ? heardAtNanos + pingNanos : NEVER;
    }

    public void advance(long nowNanos) {
        if (carrier != Carrier.OPEN || nowNanos < heardAtNanos + pingNanos) return;
        heardAtNanos = nowNanos;
        ping();
    }

    /** The next event; null when there is none. */
    public @Nullable SessionEvent nextEvent() {
        return events.poll();
    }

    /** The next packet for the present carrier; null when there is none. */
    public @Nullable Bytes transmit(long nowNanos) {
        if (carrier == Carrier.NEW) return hello();
        if (carrier != Carrier.OPEN) return null;
        if (way != Way.SOCKET) return transmitPost(nowNanos);
        // Mostly there is nothing to say.
        WireWriter out = new WireWriter(0);
        write(out, nowNanos);
        return out.size() == 0 ? null : out.take();
    }

    private @Nullable Bytes transmitPost(long nowNanos) {
        WireWriter frames = new WireWriter(0);
        // What a number means ends with the body that binds it.
        groups.clear();
        posted = control.size() == 0 ? Bytes.EMPTY : control.take();
        control = new WireWriter();
        control.raw(posted);
        write(frames, nowNanos);
        if (frames.size() == 0 && !tokenDue) return null;
        tokenDue = false;
        WireWriter out = new WireWriter();
        out.frame(hello(presentAttempt, queue.base(), false, ++post));
        return out.raw(frames.take()).take();
    }

    /** The POST that {@link #transmit} made last did not arrive, or nobody knows. */
    public void postLost(long nowNanos) {
        if (way == Way.SOCKET || carrier != Carrier.OPEN) return;
        queue.rewind();
        Bytes later = control.size() == 0 ? Bytes.EMPTY : control.take();
        control = new WireWriter();
        control.raw(posted).raw(later);
        posted = Bytes.EMPTY;
        if (ping == Ping.SENT) ping = Ping.WRITTEN;
        if (cursor != null && way == Way.STREAM) ackAtNanos = nowNanos;
    }

    private void write(WireWriter out, long nowNanos) {
        writeControl(out, nowNanos);
        writeDatagrams(out);
        writeQueue(out, nowNanos);
        writeAck(out, nowNanos);
    }

    private Bytes hello() {
        carrier = Carrier.GREETING;
        helloBase = queue.base();
        presentAttempt = ++attempt;
        return hello(presentAttempt, helloBase, false, 0).encode();
    }

    private Hello hello(long number, long base, boolean welcomed, long ofPost) {
        return new Hello(
                identity.room(),
                identity.key(),
                identity.incarnation(),
                token,
                identity.name(),
                cursor,
                base,
                number,
                welcomed,
                ofPost);
    }

    private void writeControl(WireWriter out, long nowNanos) {
        if (control.size() == 0) return;
        out.raw(control.take());
        if (ping != Ping.WRITTEN) return;
        ping = Ping.SENT;
        pingAtNanos = nowNanos;
        if (!queue.awaited()) progressAtNanos = nowNanos;
    }

    private void writeDatagrams(WireWriter out) {
        while (out.size() < PACKET_BYTES && !datagrams.isEmpty()) {
            Waiting datagram = datagrams.remove();
            int group = groups.bind(out, datagram.members());
            out.frame(new UpFrame.Datagram(group, datagram.frames()));
        }
    }

    private void writeQueue(WireWriter out, long nowNanos) {
        while (out.size() < PACKET_BYTES) {
            boolean awaited = queue.awaited() || ping != Ping.NONE;
            UpQueue.Item item = queue.send();
            if (item == null) return;
            if (!awaited) progressAtNanos = nowNanos;
            int group = item.members().isEmpty() ? 0 : groups.bind(out, item.members());
            out.frame(new UpFrame.Up(item.number(), item.body().apply(group)));
        }
    }

    private void writeAck(WireWriter out, long nowNanos) {
        Cursor read = cursor;
        boolean due = nowNanos >= ackAtNanos || (out.size() > 0 && ackAtNanos < NEVER);
        if (read == null || !due) return;
        if (way == Way.REQUESTS) {
            // The next request says it.
            ackAtNanos = NEVER;
            return;
        }
        out.frame(new UpFrame.Ack(0, read.offset()));
        ackAtNanos = NEVER;
        ackBytes = 0;
    }

    // The way down

    /**
     * Takes a packet of the present carrier. One that is not understood is told as {@link
     * SessionEvent.Refused}, after what came before the bad frame.
     */
    public void receive(Bytes packet, long nowNanos) {
        heardAtNanos = nowNanos;
        if (!DownFrame.readEach(packet, frame -> take(frame, nowNanos))) {
            events.add(new SessionEvent.Refused(BAD_FRAME));
        }
    }

    /** False for a frame that a well-behaved server does not send here. */
    private boolean take(DownFrame frame, long nowNanos) {
        return switch (frame) {
            case Welcome welcome -> welcomed(welcome, nowNanos);
            case DownFrame.Entry entry -> entry(entry, nowNanos);
            case DownFrame.UpAck(long number) -> {
                taken(number, nowNanos);
                yield true;
            }
            case DownFrame.Datagram(Member from, long to, Bytes frames) ->
                    events.add(new SessionEvent.Datagram(from, to, frames));
            case DownFrame.Pong _ -> pong(nowNanos);
            case Refusal refusal -> events.add(new SessionEvent.Refused(refusal));
            case DownFrame.Gap gap -> gap(gap);
            case DownFrame.Move(long retryAfterMillis) ->
                    events.add(new SessionEvent.Moving(retryAfterMillis));
        };
    }

    private boolean welcomed(Welcome welcome, long nowNanos) {
        carrier = Carrier.OPEN;
        progressAtNanos = nowNanos;
        long pingMillis = welcome.terms().pingMillis();
        if (pingMillis > 0) pingNanos = Duration.ofMillis(pingMillis).toNanos();
        events.add(new SessionEvent.Welcomed(welcome, pingNanos));
        events.add(new SessionEvent.RoundTrip(nowNanos - helloAtNanos));
        if (welcome.resumed()) {
            taken(welcome.up(), nowNanos);
            return true;
        }
        if (cursor != null) {
            // What was under way is the pairs' to send again.
            if (alone) queue.clear(helloBase);
            else queue.abandon(welcome.up() + 1);
            events.add(new SessionEvent.Lost(FORGOTTEN));
        }
        cursor = welcome.cursor();
        rosterSeen = false;
        return true;
    }

    private void taken(long number, long nowNanos) {
        if (queue.taken(number)) progressAtNanos = nowNanos;
    }

    private boolean entry(DownFrame.Entry entry, long nowNanos) {
        Cursor read = cursor;
        if (read == null || entry.log() != 0) return false;
        if (entry.offset() <= read.offset()) return true;
        if (entry.offset() > read.offset() + 1) return false;
        cursor = new Cursor(read.epoch(), entry.offset());
        ackBytes += weight(entry.body());
        ackAtNanos =
                ackBytes < ACK_BYTES ? Math.min(ackAtNanos, nowNanos + ACK_DELAY_NANOS) : nowNanos;
        return deliver(entry.body());
    }

    /** The bytes of an entry behind its kind. */
    private static int weight(EntryBody body) {
        return switch (body) {
            case EntryBody.Envelope(Member from, long to, Bytes frames) ->
                    EntryBody.envelopeHeader(from, to).length() - 1 + frames.length();
            case EntryBody.Signal(Member from, long to, Bytes fields) ->
                    EntryBody.signalHeader(from, to).length() - 1 + fields.length();
            case EntryBody.Roster _, EntryBody.Presence _ -> body.encode().length() - 1;
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
            case EntryBody.Unknown _ -> true;
        };
    }

    private boolean pong(long nowNanos) {
        if (ping == Ping.SENT) {
            events.add(new SessionEvent.RoundTrip(nowNanos - pingAtNanos));
        }
        ping = Ping.NONE;
        progressAtNanos = nowNanos;
        return true;
    }

    private boolean gap(DownFrame.Gap gap) {
        Cursor read = cursor;
        if (read == null || gap.log() != 0) return false;
        if (gap.offset() <= read.offset()) return true;
        cursor = new Cursor(read.epoch(), gap.offset());
        rosterSeen = false;
        return events.add(new SessionEvent.Lost(gap.reason()));
    }
}
