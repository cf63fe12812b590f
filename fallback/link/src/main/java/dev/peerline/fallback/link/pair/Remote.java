package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PairFrame;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one local peer knows of one other: how far it has read our channels, what is owed to it, and
 * its inbox. Not thread-safe.
 */
final class Remote {
    /** Nothing is due. */
    static final long NEVER = Long.MAX_VALUE;

    private final Id id;
    private long incarnation;
    private Inbox inbox;
    private boolean away;

    private PairPath path = PairPath.SESSION;

    /** How often this pair has moved. */
    private long move;

    /** The other side does not count as many moves yet. */
    private boolean moving;

    private Greeting greeting = Greeting.TELL;

    /** A {@code RESUME} is to be asked for over the session while the pair stays where it is. */
    private boolean askAside;

    /** Of our channels, by number. */
    private final Map<Long, Progress> progress = new HashMap<>();

    /** The same in the order in which they were opened. */
    private final List<Progress> inOrder = new ArrayList<>();

    private int inFlightBytes;
    private long waitingBytes;
    private long progressAtNanos;

    private final Set<Long> acksDue = new LinkedHashSet<>();
    private long ackAtNanos = NEVER;
    private int ackBytes;

    private final Deque<Loose> loose = new ArrayDeque<>();

    /** Where the rotation between channels goes on. */
    private int turn;

    Remote(Member member, boolean away, Inbox inbox, long nowNanos) {
        id = member.id();
        incarnation = member.incarnation();
        this.away = away;
        this.inbox = inbox;
        progressAtNanos = nowNanos;
    }

    /** Whether a {@code RESUME} is owed, and whether it asks for one in return. */
    enum Greeting {
        NONE,
        TELL,
        ASK
    }

    /** What waits for no window and is sent once, where it belongs. */
    record Loose(PairPath path, Bytes frame) {}

    private record InFlight(long to, int bytes) {}

    /** How far a channel of ours has come with this peer. */
    private static final class Progress {
        private final OutChannel channel;

        /** The next number that it will acknowledge. */
        private long acked;

        /** The next number to be sent. */
        private long sent;

        private final Deque<InFlight> inFlight = new ArrayDeque<>();

        Progress(OutChannel channel) {
            this.channel = channel;
            acked = channel.next();
            sent = acked;
        }
    }

    /** What an acknowledgement was news about. */
    record News(OutChannel channel, long before) {}

    Id id() {
        return id;
    }

    long incarnation() {
        return incarnation;
    }

    /** Whom a packet is for, whoever this peer will be when it leaves. */
    Member member() {
        return new Member(id, incarnation);
    }

    Inbox inbox() {
        return inbox;
    }

    boolean isAway() {
        return away;
    }

    void away(boolean isAway) {
        away = isAway;
    }

    PairPath path() {
        return path;
    }

    void path(PairPath now) {
        path = now;
    }

    long move() {
        return move;
    }

    /** This side moves, and waits for the other's answer. */
    void beginMove() {
        move++;
    }

    /** Until the other side says that it counts as many moves, our path is in doubt. */
    void awaitAnswer(long nowNanos) {
        if (!unacknowledged()) progressAtNanos = nowNanos;
        moving = true;
    }

    /** The other side's count of moves. */
    void sawMove(long its) {
        if (its >= move) moving = false;
        move = Math.max(move, its);
    }

    Greeting greeting() {
        return greeting;
    }

    void ask() {
        greeting = Greeting.ASK;
    }

    void tell() {
        if (greeting == Greeting.NONE) greeting = Greeting.TELL;
    }

    /** The {@code RESUME} that was owed is written, and with it all acknowledgements. */
    void greeted() {
        greeting = Greeting.NONE;
        acksWritten();
    }

    boolean asksAside() {
        return askAside;
    }

    void askAside(boolean asks) {
        askAside = asks;
    }

    Deque<Loose> loose() {
        return loose;
    }

    void follow(OutChannel channel) {
        Progress followed = new Progress(channel);
        if (progress.put(channel.number(), followed) != null) {
            throw new AssertionError("channel " + channel.number() + " is followed already");
        }
        inOrder.add(followed);
    }

    int channelCount() {
        return inOrder.size();
    }

    OutChannel channel(int index) {
        return inOrder.get(index).channel;
    }

    /** The channel whose turn it is. */
    OutChannel channelInTurn() {
        return inOrder.get(Math.floorMod(turn, inOrder.size())).channel;
    }

    void passTurn() {
        turn++;
    }

    /** The lowest number still held for it: of a message that it has in part, the first. */
    long base(OutChannel channel) {
        Progress known = progress.get(channel.number());
        return channel.startOf(known == null ? channel.next() : known.acked, id);
    }

    /** The next number that will be sent to it. */
    long sent(OutChannel channel) {
        Progress known = progress.get(channel.number());
        return known == null ? channel.next() : known.sent;
    }

    /** Whether something that was sent, a message or a move, is unanswered. */
    boolean unacknowledged() {
        if (moving) return true;
        for (Progress each : inOrder) {
            if (each.sent > each.acked) return true;
        }
        return false;
    }

    /** For how long nothing was acknowledged while something is unanswered; else 0. */
    long silentForNanos(long nowNanos) {
        return unacknowledged() ? nowNanos - progressAtNanos : 0;
    }

    /** Bytes that it has not acknowledged, sent or not. */
    long waitingBytes() {
        return waitingBytes;
    }

    void waits(int bytes) {
        waitingBytes += bytes;
    }

    void waitsNoMore(int bytes) {
        waitingBytes -= bytes;
    }

    /** What comes next on a channel; null when nothing does, or the window is full. */
    OutChannel.@Nullable Piece next(OutChannel channel, int windowBytes) {
        if (inFlightBytes >= windowBytes || sent(channel) >= channel.next()) return null;
        return channel.pieceFor(sent(channel), id);
    }

    void went(OutChannel channel, OutChannel.Piece piece, long nowNanos) {
        Progress known = progress.get(channel.number());
        if (known == null) return;
        if (!unacknowledged()) progressAtNanos = nowNanos;
        int bytes = piece.frame().length();
        known.sent = piece.to();
        known.inFlight.add(new InFlight(piece.to(), bytes));
        inFlightBytes += bytes;
    }

    /** Null when it is nothing new, or of what was never sent. */
    @Nullable News acknowledge(long channel, long next, long nowNanos) {
        Progress known = progress.get(channel);
        if (known == null || next <= known.acked || next > known.channel.next()) return null;
        long before = known.acked;
        known.acked = next;
        known.sent = Math.max(known.sent, next);
        while (!known.inFlight.isEmpty() && known.inFlight.element().to() <= next) {
            inFlightBytes -= known.inFlight.remove().bytes();
        }
        progressAtNanos = nowNanos;
        return new News(known.channel, before);
    }

    /** It has not kept the beginning of a message that it had acknowledged in part. */
    void goBack(long channel, long next, long nowNanos) {
        Progress known = progress.get(channel);
        if (known == null || next >= known.acked) return;
        long base = base(known.channel);
        if (base == known.acked) return;
        known.acked = base;
        rewind(nowNanos);
    }

    /** Everything unacknowledged goes again; tells how many fragments that is. */
    long rewind(long nowNanos) {
        long count = 0;
        for (Progress each : inOrder) {
            count += each.sent - each.acked;
            each.sent = each.acked;
            each.inFlight.clear();
        }
        inFlightBytes = 0;
        progressAtNanos = nowNanos;
        return count;
    }

    /** It came back as somebody who knows nothing. */
    void renew(long newIncarnation, Inbox newInbox) {
        for (Progress each : inOrder) each.acked = base(each.channel);
        incarnation = newIncarnation;
        inbox = newInbox;
        move = 0;
        moving = false;
        loose.clear();
        acksWritten();
    }

    boolean owesAcks() {
        return !acksDue.isEmpty();
    }

    /** When acknowledgements have to go; {@link #NEVER} when none are owed. */
    long ackAtNanos() {
        return ackAtNanos;
    }

    /** The acknowledgements that are owed, which are taken to be written. */
    List<PairFrame.Ack> takeAcks() {
        List<PairFrame.Ack> acks = new ArrayList<>(acksDue.size());
        for (long channel : acksDue) acks.add(new PairFrame.Ack(channel, inbox.next(channel)));
        acksWritten();
        return acks;
    }

    private void acksWritten() {
        acksDue.clear();
        ackAtNanos = NEVER;
        ackBytes = 0;
    }

    /** Takes over what its inbox wants acknowledged. */
    void oweAcks(long nowNanos, PairLimits limits) {
        Inbox.Owed owed = inbox.takeOwed();
        if (owed.refused()) ask();
        if (!owed.channels().isEmpty()) {
            ackAtNanos = Math.min(ackAtNanos, nowNanos + limits.ackDelay().toNanos());
            acksDue.addAll(owed.channels());
        }
        ackBytes += owed.bytes();
        if (ackBytes >= limits.ackBytes()) ackAtNanos = nowNanos;
    }
}
