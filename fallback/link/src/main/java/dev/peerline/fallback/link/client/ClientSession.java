package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * The client's half of a session, which outlives the carriers that it runs on. Its owner opens
 * carriers ({@link #open}, {@link #closed}), passes their packets ({@link #receive}, {@link
 * #posted}) and time ({@link #advance}), and drains {@link #nextEvent} and {@link #transmit}. While
 * a carrier greets, the present one goes on until the other is welcome. Not thread-safe.
 */
public final class ClientSession {
    private static final long NEVER = Long.MAX_VALUE;
    private static final String FORGOTTEN = "the server forgot this session";
    private static final Refusal BAD_FRAME =
            new Refusal(
                    ErrorCode.BAD_FRAME.name(),
                    "The server sent a malformed frame.",
                    true,
                    0,
                    null);

    private final Identity identity;
    private final Deque<SessionEvent> events = new ArrayDeque<>();
    private final Lanes lanes = new Lanes();
    private final Liveness liveness = new Liveness();
    private final WayUp up = new WayUp();
    private final TopicWay topics = new TopicWay(up.queue(), events);
    private final WayDown down = new WayDown(events, topics);
    private @Nullable String token;

    /** Rises with every POST; when the one that is under way went. */
    private long post;

    private long postAtNanos = NEVER;
    private boolean offeredChannels;
    private @Nullable ErrorCode refusal;

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

    // Carriers

    /**
     * A carrier is up, or about to ask; its number, from 1. Another that is welcome is used until
     * this one is.
     */
    public int open(Way way, long nowNanos) {
        Lane lane = lanes.open(way, nowNanos);
        if (lanes.present() == null) {
            liveness.begin(nowNanos);
            restart();
        }
        return lane.number;
    }

    private void restart() {
        up.restart();
        liveness.forget();
        postAtNanos = NEVER;
    }

    /** A carrier is gone. */
    public void closed(int carrier) {
        // Another may be greeting.
        if (lanes.close(carrier)) restart();
    }

    /** The carrier that was welcomed; 0 when there is none. */
    public int present() {
        Lane present = lanes.present();
        return present == null ? 0 : present.number;
    }

    /** The code of an {@code ERROR} in the packet that was received last; null without one. */
    public @Nullable ErrorCode refusal() {
        return refusal;
    }

    /** Whether the server said last that it answers offers of a data channel. */
    public boolean isOfferedChannels() {
        return offeredChannels;
    }

    /** The token of the next {@code HELLO}; a carrier that has another learns of it at once. */
    public void refresh(String fresh) {
        token = fresh;
        if (lanes.present() != null) up.control(new UpFrame.Token(fresh));
    }

    /** What asks for the way down: the first packet of a carrier, or that of a poll. */
    public Bytes greet(int carrier, long nowNanos) {
        Lane lane = Objects.requireNonNull(lanes.find(carrier), "an open carrier");
        boolean again = lane == lanes.present();
        lane.attempt = lanes.nextAttempt();
        if (again) lane.atNanos = nowNanos;
        lane.base = up.queue().base();
        lane.cursor = down.cursor();
        lane.token = token;
        WireWriter packet = new WireWriter().frame(hello(lane, again, 0));
        TopicListing listing = topics.list(lane);
        return (listing == null ? packet : packet.frame(listing)).take();
    }

    private Hello hello(Lane lane, boolean welcomed, long ofPost) {
        return new Hello(
                identity.room(),
                identity.key(),
                identity.incarnation(),
                token,
                identity.name(),
                down.cursor(),
                lane.base,
                lane.attempt,
                welcomed,
                ofPost);
    }

    // The way up

    /** Pair frames for a group of peers. */
    public void envelope(List<Member> members, Bytes frames) {
        up.queue().add(members, group -> new UpBody.Envelope(group, frames), frames.length());
    }

    public void signal(Member to, Signal signal) {
        Bytes fields = signal.encode();
        up.queue().add(List.of(to), group -> new UpBody.Signal(group, fields), fields.length());
    }

    /** Acknowledgements for many senders, in one frame. */
    public void acks(List<UpBody.Acknowledgement> acks) {
        UpBody body = new UpBody.Acks(List.copyOf(acks));
        WireWriter size = new WireWriter();
        body.write(size);
        up.queue().add(List.of(), _ -> body, size.size());
    }

    /** Pair frames that may be lost and are never doubled. */
    public void datagram(List<Member> members, Bytes frames) {
        up.datagram(members, frames);
    }

    /**
     * Leaves the room.
     *
     * @param graceMillis 0: now; else away now, and gone after it
     */
    public void bye(long graceMillis) {
        up.control(new UpFrame.Bye(graceMillis));
    }

    /** Asks for a sign of life. */
    public void ping() {
        if (lanes.present() == null || liveness.asks()) return;
        liveness.ask();
        up.control(new UpFrame.Ping(Bytes.EMPTY));
    }

    /** What is read and published beside the room. */
    public TopicWay topics() {
        return topics;
    }

    /** Where the mailbox was read to; null before the first welcome. */
    public @Nullable Cursor cursor() {
        return down.cursor();
    }

    /** Numbered frames that went over an earlier carrier, were not taken, and are to go again. */
    public long framesAgain() {
        return up.queue().again();
    }

    /** Bytes that the server has not taken. */
    public long upBytes() {
        return up.queue().bytes();
    }

    /**
     * How long an answer is overdue: since the server last took or answered something, 0 when it
     * owes nothing.
     */
    public long silentForNanos(long nowNanos) {
        Lane greeting = lanes.greeting();
        if (greeting != null) return nowNanos - greeting.atNanos;
        boolean owed = lanes.present() != null && (awaited() || postAtNanos != NEVER);
        return owed ? liveness.silentForNanos(nowNanos) : 0;
    }

    private boolean awaited() {
        return up.queue().awaited() || liveness.asks();
    }

    /** When to call {@link #advance} and {@link #transmit}; {@code Long.MAX_VALUE}: never. */
    public long deadlineNanos() {
        return Math.min(lanes.present() == null ? NEVER : ackDueNanos(), advanceAtNanos());
    }

    /** The same while the carrier takes nothing: {@link #transmit} is called when it does again. */
    public long advanceAtNanos() {
        return lanes.present() == null ? NEVER : liveness.pingDueNanos();
    }

    /** Never while another greets: its {@code HELLO} named less, and may come later. */
    private long ackDueNanos() {
        return lanes.challenged() ? NEVER : down.ackAtNanos();
    }

    public void advance(long nowNanos) {
        if (nowNanos < advanceAtNanos()) return;
        liveness.heard(nowNanos);
        ping();
    }

    /** The next event; null when there is none. */
    public @Nullable SessionEvent nextEvent() {
        return events.poll();
    }

    /**
     * The next packet for a carrier; null when there is none. One that is no socket gets the body
     * of a POST, and the next after {@link #posted}.
     */
    public @Nullable Bytes transmit(int carrier, long nowNanos) {
        Lane lane = lanes.find(carrier);
        if (lane == null) return null;
        boolean socket = lane.way == Way.SOCKET;
        if (socket && lane.attempt == 0) return greet(carrier, nowNanos);
        if (lane != lanes.present() || postAtNanos != NEVER) return null;
        if (!socket) up.unbind();
        // Mostly there is nothing to say.
        WireWriter out = new WireWriter(0);
        up.write(out, liveness, nowNanos);
        down.writeAck(out, ackDueNanos(), nowNanos);
        if (out.size() == 0) return null;
        return socket ? out.take() : post(lane, out.take(), nowNanos);
    }

    private Bytes post(Lane lane, Bytes frames, long nowNanos) {
        if (!awaited()) liveness.progressed(nowNanos);
        postAtNanos = nowNanos;
        return new WireWriter().frame(hello(lane, false, ++post)).raw(frames).take();
    }

    /**
     * The POST of a carrier was answered.
     *
     * @param answer null: nobody knows what came of it, and it is made anew
     */
    public void posted(int carrier, @Nullable Bytes answer, long nowNanos) {
        if (carrier != present() || postAtNanos == NEVER) return;
        if (answer != null) {
            events.add(new SessionEvent.RoundTrip(nowNanos - postAtNanos));
            liveness.progressed(nowNanos);
            receive(carrier, answer, nowNanos);
        } else if (liveness.asks()) {
            liveness.forget();
            ping();
        }
        postAtNanos = NEVER;
        // What was not taken is to come again.
        up.queue().rewind();
    }

    // The way down

    /**
     * Takes a packet of a carrier, an empty one where a poll was answered by nothing. One that is
     * not understood is told as {@link SessionEvent.Refused}, after what came before the bad frame.
     */
    public void receive(int carrier, Bytes packet, long nowNanos) {
        refusal = null;
        Lane lane = lanes.find(carrier);
        if (lane == null) return;
        if (lanes.overtaken(lane)) {
            refusal = ErrorCode.OVERTAKEN; // the server reads a newer one
            return;
        }
        liveness.heard(nowNanos);
        if (!DownFrame.readEach(packet, frame -> take(frame, lane, nowNanos))) {
            events.add(new SessionEvent.Refused(BAD_FRAME));
        }
    }

    /** False for a frame that a well-behaved server does not send here. */
    private boolean take(DownFrame frame, Lane lane, long nowNanos) {
        return switch (frame) {
            case Welcome welcome -> welcomed(welcome, lane, nowNanos);
            case DownFrame.Entry entry -> {
                Lane present = lanes.present();
                yield present != null && down.entry(entry, present.way, nowNanos);
            }
            case DownFrame.UpAck(long number) -> {
                taken(number, nowNanos);
                yield true;
            }
            case DownFrame.Datagram(Member from, long to, Bytes frames) ->
                    events.add(new SessionEvent.Datagram(from, to, frames));
            case DownFrame.Pong _ -> pong(nowNanos);
            case Refusal its -> {
                refusal = its.knownCode();
                yield events.add(new SessionEvent.Refused(its));
            }
            case DownFrame.Gap gap -> down.gap(gap);
            case TopicDown topical -> lanes.present() != null && topics.take(topical);
            case DownFrame.Move(long retryAfterMillis) ->
                    events.add(new SessionEvent.Moving(retryAfterMillis));
        };
    }

    private boolean welcomed(Welcome welcome, Lane lane, long nowNanos) {
        Lane before = lanes.present();
        if (before != null && before != lane) restart();
        lanes.welcomed(lane);
        liveness.progressed(nowNanos);
        // It has changed since this one greeted.
        if (token != null && !token.equals(lane.token)) up.control(new UpFrame.Token(token));
        lane.token = token;
        offeredChannels = welcome.terms().takesOffers();
        long pingMillis = welcome.terms().pingMillis();
        if (pingMillis > 0) liveness.pingEvery(Duration.ofMillis(pingMillis).toNanos());
        events.add(new SessionEvent.Welcomed(welcome, liveness.pingNanos()));
        events.add(new SessionEvent.RoundTrip(nowNanos - lane.atNanos));
        Cursor read = down.cursor();
        if (welcome.resumed()) taken(welcome.up(), nowNanos);
        else if (read != null) lose(welcome.up() + 1);
        goOn(read, welcome, lane, nowNanos);
        boolean anew = !welcome.resumed();
        boolean doubt = read != null && (anew || read.epoch() != welcome.cursor().epoch());
        topics.welcomed(welcome.terms().topics(), anew, doubt, lane);
        return true;
    }

    private void goOn(@Nullable Cursor read, Welcome welcome, Lane lane, long nowNanos) {
        // A server that took the session up from its predecessor counts in another epoch.
        if (!welcome.resumed() || read == null || read.epoch() != welcome.cursor().epoch()) {
            down.begin(welcome.cursor(), !welcome.resumed());
        } else if (!read.equals(lane.cursor)) {
            // More was read since it greeted, and may not have been acknowledged.
            down.acknowledge(lane.way, nowNanos);
        }
    }

    /** The session began anew: what was under way is the pairs' to send again. */
    private void lose(long from) {
        up.queue().abandon(from);
        events.add(new SessionEvent.Lost(FORGOTTEN));
    }

    private void taken(long number, long nowNanos) {
        if (up.queue().taken(number)) liveness.progressed(nowNanos);
    }

    private boolean pong(long nowNanos) {
        long nanos = liveness.answered(nowNanos);
        if (nanos >= 0) events.add(new SessionEvent.RoundTrip(nanos));
        return true;
    }
}
