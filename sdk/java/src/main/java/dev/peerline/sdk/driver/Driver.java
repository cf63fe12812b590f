package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.ladder.CarrierLadder;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.PairOutput;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.pair.SendResult;
import dev.peerline.fallback.link.pair.Writable;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.sdk.Finding;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.direct.DirectPaths;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Gives one peer's state machines their carriers and clock. Every input ends in {@link #pump},
 * which drains all outputs; then one timer waits for the earliest deadline. All methods are called
 * on the loop, but for {@link #changed}.
 */
public final class Driver {
    /** What the session may hold for the server before pairs wait. */
    private static final int MAX_UP = 1 << 20;

    private final Loop loop;
    private final Setup setup;
    private final DriverListener listener;
    private final ClientSession session;
    private final Endpoint endpoint;
    private final Uplink uplink;
    private final Members members;
    private final Probes probes;
    private final DirectLink link;
    private final @Nullable DirectPaths direct;
    private final Kinds kinds;
    private final boolean carries;
    private final @Nullable Renewal renewal;

    private @Nullable Welcome welcome;

    private boolean open;
    private @Nullable String told;
    private @Nullable PeerlineException trouble;
    private @Nullable PeerlineException closed;

    /** Another token was asked for since the last welcome, because this one was refused. */
    private boolean renewed;

    private boolean pumping;
    private boolean queued;
    private Loop.@Nullable Timer timer;

    public Driver(Loop loop, Setup setup, DriverListener listener) {
        this.loop = loop;
        this.setup = setup;
        this.listener = listener;
        session = new ClientSession(setup.identity(), setup.token());
        endpoint = new Endpoint(setup.identity().incarnation(), setup.limits());
        listener.topics(session.topics());
        probes = new Probes(endpoint);
        carries = setup.direct().carries();
        DirectLink.Machines machines = new DirectLink.Machines(session, endpoint, probes);
        link = new DirectLink(loop, setup, machines, listener, new LinkOwner());
        direct = link.paths();
        members = new Members(endpoint, listener, direct);
        Supplier<CompletionStage<String>> source = setup.renew();
        renewal = source == null ? null : new Renewal(loop, source, this::refresh, listener::error);
        CarrierLadder ladder =
                new CarrierLadder(
                        setup.rungs(), setup.random()::nextDouble, setup.memory().worked());
        uplink = new Uplink(session, ladder, setup.carriers(), loop::nowNanos, new Owner());
        kinds = new Kinds(uplink, members, endpoint, probes, direct);
    }

    private final class Owner implements Uplink.Owner {
        @Override
        public void changed() {
            Driver.this.changed();
        }

        @Override
        public void failed(PeerlineException why) {
            Driver.this.refused(why);
        }

        @Override
        public void moved(Uplink.Move move) {
            for (PeerRecord peer : members.peers()) {
                listener.moved(
                        peer.member().id(), move.reason(), move.frames(), move.stalledNanos());
            }
        }

        @Override
        public void works(Rung rung) {
            setup.memory().works(rung);
        }
    }

    private final class LinkOwner implements DirectLink.Owner {
        @Override
        public @Nullable Welcome welcome() {
            return welcome;
        }

        @Override
        public boolean fallback() {
            return open && carries;
        }

        @Override
        public void changed() {
            Driver.this.changed();
        }

        @Override
        public void deliver() {
            var _ = Driver.this.deliver(loop.nowNanos());
        }
    }

    /** Begins to connect. */
    public void start() {
        uplink.start();
        pump();
    }

    /** Something is to be drained: soon, and once for all that happens until then. */
    private void changed() {
        if (queued) return;
        queued = true;
        loop.execute(
                () -> {
                    queued = false;
                    pump();
                });
    }

    /** Listeners have caught up, or something else has changed; from any thread. */
    public void wake() {
        loop.execute(this::pump);
    }

    /** The network is not what it was: what is open is asked at once, and no wait applies. */
    public void networkChanged() {
        if (closed != null) return;
        uplink.news();
        if (direct != null) direct.wake();
        pump();
    }

    private void pump() {
        if (pumping || closed != null) return;
        pumping = true;
        try {
            for (boolean busy = true; busy && closed == null; ) {
                long now = loop.nowNanos();
                session.advance(now);
                uplink.advance(now);
                busy = drain(now);
                if (direct != null) direct.advance(now);
                busy |= transmit(now);
            }
            if (closed == null) tellState();
        } catch (RuntimeException fault) {
            close(new PeerlineException("INTERNAL", "A fault of the SDK", false, "", fault));
            throw fault;
        } finally {
            pumping = false;
        }
        schedule();
    }

    private void schedule() {
        if (timer != null) timer.cancel();
        timer = null;
        if (closed != null) return;
        // What waits for a carrier that takes nothing is not due: it tells when it does again.
        long due = uplink.ready() ? session.deadlineNanos() : session.advanceAtNanos();
        due = Math.min(due, endpoint.deadlineNanos(writable));
        if (direct != null) due = Math.min(due, direct.deadlineNanos());
        due = Math.min(due, uplink.deadlineNanos());
        due = Math.min(due, members.deadlineNanos());
        if (due < Long.MAX_VALUE) timer = loop.at(due, this::pump);
    }

    // What comes in

    private boolean drain(long now) {
        boolean any = false;
        // While listeners are behind, senders notice: what they sent is not acknowledged.
        for (SessionEvent event;
                closed == null && !listener.congested() && (event = session.nextEvent()) != null;
                any = true) {
            take(event, now);
            deliver(now);
        }
        members.advance(now);
        return deliver(now) || any;
    }

    private void take(SessionEvent event, long now) {
        switch (event) {
            case SessionEvent.Envelope(Member from, long to, Bytes frames) ->
                    endpoint.receive(from, to, PairPath.SESSION, frames, now);
            case SessionEvent.Datagram(Member from, long to, Bytes frames) ->
                    endpoint.receive(from, to, PairPath.SESSION, frames, now);
            case SessionEvent.Signalled signalled -> link.signalled(signalled);
            case SessionEvent.Roster(List<PeerRecord> peers) -> roster(peers, now);
            case SessionEvent.Presence(var presence) -> members.presence(presence, now);
            case SessionEvent.Welcomed(Welcome its, long _) -> welcomed(its);
            case SessionEvent.Lost _ -> endpoint.sessionLost(now);
            case SessionEvent.Topical topical -> listener.topical(topical);
            case SessionEvent.RoundTrip(long nanos) -> uplink.measured(nanos);
            case SessionEvent.Refused(Refusal refusal) -> refused(refusal);
            case SessionEvent.Moving(long retryAfterMillis) -> {
                trouble = new PeerlineException("GOING_AWAY", "The server goes down", true, "");
                uplink.defer(Duration.ofMillis(retryAfterMillis).toNanos(), true);
            }
        }
    }

    private void welcomed(Welcome its) {
        welcome = its;
        trouble = null;
        renewed = false;
        if (renewal != null) renewal.welcomed(its.expiresAtMillis());
    }

    private void roster(List<PeerRecord> peers, long now) {
        boolean first = !members.complete();
        Welcome its = Objects.requireNonNull(welcome, "a roster comes after WELCOME");
        members.roster(peers, now, Duration.ofMillis(its.terms().awayMillis()).toNanos());
        if (first) listener.opened();
    }

    private void refused(Refusal refusal) {
        ErrorCode code = refusal.knownCode();
        // Another carrier greets, or will.
        if (code == ErrorCode.OVERTAKEN || code == ErrorCode.NO_SESSION) return;
        PeerlineException error = PeerlineException.of(refusal);
        trouble = error;
        if (!error.retriable()) {
            refused(error);
            return;
        }
        uplink.defer(Duration.ofMillis(refusal.retryAfterMillis()).toNanos(), false);
        listener.error(error);
    }

    /** The server wants no other attempt like this; but once, another token may mend it. */
    private void refused(PeerlineException error) {
        if (trouble == null) trouble = error;
        if (error.retriable()) return;
        boolean token = error.code().equals("UNAUTHORIZED") || error.code().equals("TOKEN_EXPIRED");
        if (!token || renewal == null || renewed) {
            close(trouble);
            return;
        }
        renewed = true;
        uplink.stop();
        renewal.ask();
    }

    private void refresh(String token) {
        session.refresh(token);
        if (uplink.stopped()) uplink.start();
        changed();
    }

    // Messages

    private boolean deliver(long now) {
        boolean any = false;
        for (PairEvent event; (event = endpoint.nextEvent()) != null; any = true) {
            switch (event) {
                case PairEvent.Message message -> {
                    used(message.from(), now);
                    listener.message(message);
                }
                case PairEvent.Gap gap -> listener.gap(gap);
                case PairEvent.Settled settled -> listener.settled(settled);
                case PairEvent.Moved moved -> moved(moved, now);
                case PairEvent.Echo echo -> echoed(echo, now);
            }
        }
        return any;
    }

    private void moved(PairEvent.Moved moved, long now) {
        if (direct != null) direct.moved(moved.id(), moved.to(), now);
        listener.moved(moved.id(), link.reason(), moved.fragments(), moved.stalledNanos());
    }

    private void echoed(PairEvent.Echo echo, long now) {
        long rtt = probes.echoed(echo, now);
        if (rtt > 0 && direct != null && echo.path() == PairPath.DIRECT) {
            direct.echoed(echo.id(), rtt, now);
        }
    }

    /** This peer is active: how far it is gets measured. */
    private void used(Id id, long now) {
        if (direct != null) direct.used(id, now);
        if (endpoint.pathOf(id) == PairPath.SESSION && members.find(id) != null) {
            probes.measure(id, now);
        }
    }

    public SendResult send(Destination to, String channel, int dataType, Bytes payload) {
        long now = loop.nowNanos();
        SendResult result = endpoint.send(to, channel, dataType, payload, now);
        Id peer = to.peer();
        if (peer != null) used(peer, now);
        changed();
        return result;
    }

    /** False when it is too large. */
    public boolean sendLoose(Destination to, String channel, int dataType, Bytes payload) {
        changed();
        return endpoint.sendLoose(to, channel, dataType, payload);
    }

    /** Gives a message up for all who have not acknowledged it. */
    public void abort(long handle) {
        endpoint.abort(handle);
        changed();
    }

    private boolean transmit(long now) {
        boolean any = false;
        for (PairOutput output; (output = endpoint.transmit(writable, now)) != null; any = true) {
            switch (output) {
                case PairOutput.Envelope(List<Member> to, Bytes frames) ->
                        session.envelope(to, frames);
                case PairOutput.Datagram(Member to, Bytes frames) ->
                        session.datagram(List.of(to), frames);
                case PairOutput.Acks(var list) -> session.acks(list);
                case PairOutput.Direct(Member to, Bytes frames, boolean loose) -> {
                    if (direct != null) direct.send(to.id(), frames, loose);
                }
            }
        }
        return uplink.transmit(now) || any;
    }

    private final Writable writable =
            new Writable() {
                @Override
                public boolean session() {
                    return carries && session.upBytes() < MAX_UP;
                }

                @Override
                public boolean direct(Id peer) {
                    return direct != null && direct.writable(peer);
                }
            };

    // How it goes, and the end

    /** The server's answer to the last greeting; null before the first. */
    public @Nullable Welcome welcome() {
        return welcome;
    }

    /** The lower of what this side and a peer are connected by. */
    public PathKind kindOf(Id id) {
        return kinds.of(id);
    }

    /**
     * The lowest kind that a message took.
     *
     * @param over what it was acknowledged by
     */
    public PathKind lowestKind(Destination to, PairPath over) {
        return kinds.lowest(to, over);
    }

    /** 0 when it is not known. */
    public long rttNanos(Id id) {
        return kinds.rttNanos(id);
    }

    /** Why the path to a peer is what it is: the first says most. */
    public List<Finding> findings(Id id) {
        return kinds.findings(id);
    }

    /** What was sent to a peer and is not acknowledged. */
    public long waitingBytes(Id id) {
        return endpoint.waitingBytes(id);
    }

    /** All that is held for others, or of them, for tests of memory. */
    public long heldBytes() {
        Endpoint.Held held = endpoint.held();
        return held.unacknowledged() + held.behindHoles() + session.upBytes();
    }

    private void tellState() {
        boolean now = members.complete() && uplink.open() && !uplink.silent(loop.nowNanos());
        PeerlineException why = now ? null : trouble;
        String code = why == null ? null : why.code();
        if (now == open && (now || Objects.equals(told, code))) return;
        open = now;
        told = code;
        listener.state(now, why);
    }

    /**
     * For good, told to the others at once, when what was sent is delivered or with the server, 5 s
     * later at most.
     *
     * @param settled whether nothing waits for a receipt
     */
    public void leave(BooleanSupplier settled) {
        if (welcome == null) {
            end();
            return;
        }
        Leaving.Ways ways = new Leaving.Ways(session, endpoint, uplink, members, carries);
        new Leaving(loop, ways, this::pump, this::end, () -> closed != null).begin(settled);
    }

    private void end() {
        close(new PeerlineException("CLOSED", "This peer has left the room", false, ""));
    }

    /** For good. */
    public void close(PeerlineException reason) {
        if (closed != null) return;
        closed = reason;
        if (timer != null) timer.cancel();
        uplink.stop();
        link.stop();
        if (renewal != null) renewal.stop();
        listener.closed(reason);
    }
}
