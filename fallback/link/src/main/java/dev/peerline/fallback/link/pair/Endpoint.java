package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Resume;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All pair links of one local peer: in order, exactly once, over whatever path a pair uses. Mutate
 * it ({@link #send}, {@link #receive}, {@link #use}, …), then drain {@link #nextEvent} and {@link
 * #transmit}. Times are nanoseconds from any origin that does not change. Not thread-safe.
 */
public final class Endpoint {
    private static final String LEFT = "its sender left";
    private static final String ANEW = "its sender started anew";

    private final long incarnation;
    private final PairLimits limits;
    private final Deque<PairEvent> events = new ArrayDeque<>();
    private final Outbox outbox;
    private final Map<Id, Remote> remotes = new LinkedHashMap<>();
    private final Acquaintances acquaintances;
    private final Packer packer;

    /** Of {@link #remotes}, in the same order. */
    private List<Remote> present = List.of();

    /**
     * @param incarnation of the local peer
     */
    public Endpoint(long incarnation, PairLimits limits) {
        this.incarnation = incarnation;
        this.limits = limits;
        outbox = new Outbox(limits.departedMembers(), events::add);
        acquaintances = new Acquaintances(limits.departedMembers());
        packer = new Packer(limits);
    }

    // Who is there

    /**
     * The room as the server sees it now.
     *
     * @return those known here whom the server does not know: away for now, since a server that
     *     lost its memory learns of them as they return
     */
    public List<Id> roster(List<PeerRecord> peers, long nowNanos) {
        Set<Id> listed = new HashSet<>();
        for (PeerRecord peer : peers) {
            listed.add(peer.member().id());
            joined(peer.member(), peer.away(), nowNanos);
        }
        for (Inbox departed : acquaintances.departed()) departed.finish(LEFT);
        List<Id> absent = new ArrayList<>();
        for (Id id : remotes.keySet()) {
            if (!listed.contains(id)) absent.add(id);
        }
        for (Id id : absent) away(id, nowNanos);
        return absent;
    }

    /** What the server says of one peer. */
    public void presence(EntryBody.Presence presence, long nowNanos) {
        PeerRecord peer = presence.peer();
        switch (presence.change()) {
            case JOINED -> joined(peer.member(), peer.away(), nowNanos);
            case AWAY -> away(peer.member().id(), nowNanos);
            case BACK -> back(peer.member(), nowNanos);
            case LEFT -> left(peer.member().id());
            case CARRIER -> {}
        }
    }

    /** A peer joined, or came back. */
    public void joined(Member member, boolean isAway, long nowNanos) {
        Remote known = remotes.get(member.id());
        if (known == null) {
            meet(member, isAway, nowNanos);
            return;
        }
        known.away(isAway);
        if (member.incarnation() > known.incarnation()) {
            known.inbox().finish(ANEW);
            known.renew(member.incarnation(), inboxOf(member));
            move(known, PairPath.SESSION, nowNanos);
            greet(known);
        } else {
            ask(known, nowNanos);
        }
    }

    private void meet(Member member, boolean isAway, long nowNanos) {
        Remote remote = new Remote(member, isAway, inboxOf(member), nowNanos);
        acquaintances.forget(member);
        remotes.put(member.id(), remote);
        present = List.copyOf(remotes.values());
        for (OutChannel channel : outbox.channels()) {
            if (channel.to().scope() == Scope.ROOM) remote.follow(channel);
        }
        outbox.meet(member.id()).forEach(remote::follow);
        greet(remote);
    }

    private void greet(Remote remote) {
        if (acquaintances.missedSomethingOf(remote.member())) remote.ask();
    }

    private Inbox inboxOf(Member member) {
        Inbox known = acquaintances.find(member);
        return known == null ? new Inbox(member.id(), events::add) : known;
    }

    /** A peer is without a carrier. */
    public void away(Id id, long nowNanos) {
        Remote remote = remotes.get(id);
        if (remote == null) return;
        remote.away(true);
        bound(remote, nowNanos);
    }

    /** A peer has a carrier again, or reloaded its page. */
    public void back(Member member, long nowNanos) {
        Remote remote = remotes.get(member.id());
        if (remote != null && remote.incarnation() == member.incarnation()) remote.away(false);
        else joined(member, false, nowNanos);
    }

    /** A peer is gone: what waits for it is missed, what waits of it is handed over. */
    public void left(Id id) {
        Remote remote = remotes.remove(id);
        if (remote == null) return;
        present = List.copyOf(remotes.values());
        remote.inbox().finish(LEFT);
        acquaintances.remember(remote.member(), remote.inbox());
        outbox.forget(id);
    }

    /** The session began anew, or its mailbox forgot: each side starts from what the other has. */
    public void sessionLost(long nowNanos) {
        for (Remote remote : present) ask(remote, nowNanos);
    }

    private static void ask(Remote remote, long nowNanos) {
        if (remote.path() == PairPath.DIRECT) {
            remote.askAside(true);
        } else {
            remote.rewind(nowNanos);
            remote.ask();
        }
    }

    // Paths

    /** Moves a pair; the other side follows. */
    public void use(Id id, PairPath path, long nowNanos) {
        Remote remote = remotes.get(id);
        if (remote == null || remote.path() == path) return;
        remote.beginMove();
        move(remote, path, nowNanos);
        remote.awaitAnswer(nowNanos);
    }

    private void move(Remote remote, PairPath to, long nowNanos) {
        PairPath from = remote.path();
        long stalledNanos = remote.silentForNanos(nowNanos);
        long fragments = remote.rewind(nowNanos);
        remote.path(to);
        remote.tell();
        if (from != to) {
            events.add(new PairEvent.Moved(remote.id(), from, to, fragments, stalledNanos));
        }
    }

    public PairPath pathOf(Id id) {
        Remote remote = remotes.get(id);
        return remote == null ? PairPath.SESSION : remote.path();
    }

    /**
     * For how long acknowledgements have not advanced while something that was sent, a message or a
     * move, is unanswered; 0 when nothing is.
     */
    public long silentForNanos(Id id, long nowNanos) {
        Remote remote = remotes.get(id);
        return remote == null ? 0 : remote.silentForNanos(nowNanos);
    }

    /** Bytes that a peer has not acknowledged, sent or not. */
    public long waitingBytes(Id id) {
        Remote remote = remotes.get(id);
        return remote == null ? 0 : remote.waitingBytes();
    }

    /**
     * Asks for a sign of life on a path: a {@link PairEvent.Echo} brings the bytes back.
     *
     * @param bytes at most {@link PairFrame#MAX_PROBE_BYTES}
     */
    public void probe(Id id, PairPath path, Bytes bytes) {
        if (bytes.length() > PairFrame.MAX_PROBE_BYTES) {
            throw new IllegalArgumentException(
                    "a probe has at most %d bytes, not %d"
                            .formatted(PairFrame.MAX_PROBE_BYTES, bytes.length()));
        }
        Remote remote = remotes.get(id);
        if (remote != null) sendOnce(remote, path, new PairFrame.Probe(bytes));
    }

    private void sendOnce(Remote remote, PairPath path, PairFrame frame) {
        if (remote.loose().size() >= limits.looseFrames()) return;
        remote.loose().add(new Remote.Loose(path, frame.encode()));
    }

    // Sending

    /**
     * Queues a message for those who are here or away now.
     *
     * @param channel an order of its own; empty for the one without a name
     * @param dataType {@link PairFrame#TEXT}, {@link PairFrame#BINARY} or {@link PairFrame#JSON}
     * @param payload not copied
     */
    public SendResult send(
            Destination to, String channel, int dataType, Bytes payload, long nowNanos) {
        if (payload.length() > limits.messageBytes()) {
            return new SendResult.Refused(
                    SendResult.Reason.MESSAGE_TOO_LARGE, limits.messageBytes());
        }
        if (outbox.bytes() + payload.length() > limits.queueBytes()) {
            return new SendResult.Refused(SendResult.Reason.QUEUE_FULL, limits.queueBytes());
        }
        List<Remote> audience = audience(to);
        Id absent = audience.isEmpty() ? to.peer() : null;
        List<Id> ids =
                absent == null ? audience.stream().map(Remote::id).toList() : List.of(absent);
        // What is sent to somebody who is gone is missed, and counts.
        if (absent != null) outbox.meet(absent);
        OutChannel known = outbox.find(to, channel);
        Sending sending =
                outbox.send(
                        known == null ? open(to, channel) : known,
                        dataType,
                        payload,
                        limits.fragmentBytes(),
                        ids);
        if (absent != null) outbox.forget(absent);
        for (Remote remote : audience) {
            remote.waits(sending.bytes());
            bound(remote, nowNanos);
        }
        return new SendResult.Queued(sending.handle());
    }

    private List<Remote> audience(Destination to) {
        Id peer = to.peer();
        if (peer == null) return present;
        Remote remote = remotes.get(peer);
        return remote == null ? List.of() : List.of(remote);
    }

    private OutChannel open(Destination to, String name) {
        OutChannel channel = outbox.open(to, name);
        for (Remote remote : audience(to)) {
            remote.follow(channel);
            remote.tell();
        }
        return channel;
    }

    /** Gives a message up for all who have not acknowledged it. */
    public void abort(long handle) {
        Sending sending = outbox.sending(handle);
        if (sending == null) return;
        for (Id id : sending.remaining()) {
            Remote remote = remotes.get(id);
            if (remote != null) giveUp(sending, remote);
        }
    }

    private void giveUp(Sending sending, Remote remote) {
        remote.waitsNoMore(sending.bytes());
        outbox.miss(sending, remote.id());
    }

    /** What waits for a peer that does not read is bounded, for it alone. */
    private void bound(Remote remote, long nowNanos) {
        boolean reads =
                !remote.isAway() && remote.silentForNanos(nowNanos) <= limits.silence().toNanos();
        if (reads || remote.waitingBytes() <= limits.awayBytes()) return;
        for (Sending sending : outbox.sendings()) {
            if (remote.waitingBytes() <= limits.awayBytes()) return;
            // What went out is in its mailbox and may still arrive.
            if (sending.isFor(remote.id()) && sending.from() >= remote.sent(sending.channel())) {
                giveUp(sending, remote);
            }
        }
    }

    /**
     * An unreliable message to those who are here: sent once, or not at all.
     *
     * @param payload at most one fragment; not copied
     * @return false when it is too large
     */
    public boolean sendLoose(Destination to, String channel, int dataType, Bytes payload) {
        if (payload.length() > limits.fragmentBytes()) return false;
        long scope = to.scope().number();
        PairFrame frame = new PairFrame.Loose(dataType, channel, scope, payload);
        for (Remote remote : audience(to)) {
            if (!remote.isAway()) sendOnce(remote, remote.path(), frame);
        }
        return true;
    }

    // Receiving

    /**
     * Takes frames of a peer.
     *
     * @param toIncarnation whom of ours they were addressed to
     * @param frames not copied where they are handed over at once
     * @return false when they are malformed; those before the malformed one were taken
     */
    public boolean receive(
            Member from, long toIncarnation, PairPath path, Bytes frames, long nowNanos) {
        Remote remote = remotes.get(from.id());
        if (toIncarnation < incarnation) {
            hold(from, remote, frames);
            return true;
        }
        if (remote == null || remote.incarnation() < from.incarnation()) {
            acquaintances.overhear(from);
            return true;
        }
        if (remote.incarnation() > from.incarnation()) return true;
        return PairFrame.readEach(
                frames,
                frame -> {
                    take(remote, frame, path, nowNanos);
                    remote.oweAcks(nowNanos, limits);
                });
    }

    /** What was meant for an older incarnation of ours waits for its sender's word. */
    private void hold(Member from, @Nullable Remote remote, Bytes frames) {
        if (remote != null && remote.incarnation() == from.incarnation()) {
            remote.inbox().hold(frames);
            return;
        }
        Inbox inbox = inboxOf(from);
        acquaintances.remember(from, inbox);
        inbox.hold(frames);
    }

    private void take(Remote remote, PairFrame frame, PairPath path, long nowNanos) {
        switch (frame) {
            case PairFrame.Message message -> remote.inbox().message(message, path);
            case PairFrame.Ack(long channel, long next) ->
                    acknowledged(remote, channel, next, path, nowNanos);
            case Resume resume -> resumed(remote, resume, path, nowNanos);
            case PairFrame.Skip skip -> remote.inbox().skip(skip);
            case PairFrame.Probe(Bytes bytes) -> sendOnce(remote, path, new PairFrame.Echo(bytes));
            case PairFrame.Echo(Bytes bytes) ->
                    events.add(new PairEvent.Echo(remote.id(), path, bytes));
            case PairFrame.Loose loose -> remote.inbox().loose(loose, path);
        }
    }

    private void acknowledged(
            Remote remote, long channel, long next, PairPath path, long nowNanos) {
        Remote.News news = remote.acknowledge(channel, next, nowNanos);
        if (news == null) return;
        for (Sending sending : news.channel().after(news.before())) {
            if (sending.to() > next) break;
            if (!sending.isFor(remote.id())) continue;
            remote.waitsNoMore(sending.bytes());
            outbox.deliver(sending, remote.id(), path);
        }
        news.channel().release();
    }

    private void resumed(Remote remote, Resume resume, PairPath path, long nowNanos) {
        remote.inbox().declare(resume.channels());
        for (Resume.Expected each : resume.expected()) {
            acknowledged(remote, each.channel(), each.next(), path, nowNanos);
            remote.goBack(each.channel(), each.next(), nowNanos);
        }
        remote.inbox().resumed();
        if (resume.answer()) {
            remote.rewind(nowNanos);
            remote.tell();
        }
        if (resume.aside()) return;
        long its = resume.move();
        boolean adopts = its > remote.move() || (its == remote.move() && path == PairPath.SESSION);
        if (its > remote.move()) remote.tell();
        if (its < remote.move()) {
            // It has forgotten a move, or says something old: until it answers, our path is in
            // doubt.
            remote.ask();
            remote.awaitAnswer(nowNanos);
        }
        remote.sawMove(its);
        if (adopts && path != remote.path()) move(remote, path, nowNanos);
    }

    // Output

    /** When {@link #transmit} has something to say at the latest; {@code Long.MAX_VALUE}: never. */
    public long deadlineNanos() {
        long due = Remote.NEVER;
        for (Remote remote : present) due = Math.min(due, remote.ackAtNanos());
        return due;
    }

    /**
     * The same of those paths alone that take something: the others tell when they do again, and
     * until then nothing can be done.
     */
    public long deadlineNanos(Writable writable) {
        long due = Remote.NEVER;
        for (Remote remote : present) {
            boolean takes =
                    remote.path() == PairPath.DIRECT
                            ? writable.direct(remote.id())
                            : writable.session();
            if (takes) due = Math.min(due, remote.ackAtNanos());
        }
        return due;
    }

    /** The next event; null when there is none. */
    public @Nullable PairEvent nextEvent() {
        return events.poll();
    }

    /** The next thing to put on a carrier; null when there is none that its path would take. */
    public @Nullable PairOutput transmit(Writable writable, long nowNanos) {
        return packer.next(present, writable, nowNanos);
    }

    /**
     * Bytes held, for tests of memory and for metrics.
     *
     * @param unacknowledged sent by us
     * @param behindHoles sent by others and not handed over
     */
    public record Held(long unacknowledged, long behindHoles) {}

    public Held held() {
        long behindHoles = 0;
        for (Remote remote : present) behindHoles += remote.inbox().heldBytes();
        return new Held(outbox.bytes(), behindHoles);
    }
}
