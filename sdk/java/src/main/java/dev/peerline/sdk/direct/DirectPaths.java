package dev.peerline.sdk.direct;

import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.fallback.link.ladder.PathLadder;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.sdk.PathKind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The direct paths of one peer to all others: makes, watches, mends and ends them. Its driver gives
 * it time. Runs on the loop.
 */
public final class DirectPaths {
    /** Why no direct path is wanted: there are none on this side. */
    public static final String UNSUPPORTED = "unsupported";

    /** There are too many; it may be asked for again. */
    private static final String BUSY = "busy";

    /** What a probe says that its sender takes the path for. */
    private static final int VIEW_DIRECT = 1;

    static final int VIEW_RELAYED = 2;

    private final DirectHost host;
    private final Connector connector;
    private final Set<PathKind> kinds;
    private final int most;
    private final RandomGenerator random;
    private final long originNanos;
    private final Map<Id, Way> ways = new LinkedHashMap<>();
    private long deadline = Way.NEVER;
    private boolean stopped;

    /**
     * @param kinds that are allowed
     * @param most connections at a time
     */
    public DirectPaths(
            DirectHost host,
            Connector connector,
            Set<PathKind> kinds,
            int most,
            RandomGenerator random) {
        this.host = host;
        this.connector = connector;
        this.kinds = kinds;
        this.most = most;
        this.random = random;
        originNanos = host.nowNanos();
    }

    private double millis(long nanos) {
        return (nanos - originNanos) / 1e6;
    }

    // Who is there

    /**
     * A peer is there, or of another state or incarnation than before.
     *
     * @param first whether it was there before this side, which then offers
     */
    public void joined(Member member, boolean here, boolean first) {
        long now = host.nowNanos();
        Way known = ways.get(member.id());
        if (known != null && known.member.incarnation() == member.incarnation()) {
            known.here = here;
            return;
        }
        boolean polite = host.id().compareTo(member.id()) < 0;
        Way fresh = new Way(member, polite, here, first ? now : now + Waits.COURTESY_NANOS);
        if (known != null) {
            close(known);
            fresh.inherit(known);
        }
        ways.put(member.id(), fresh);
    }

    public void away(Id id) {
        Way way = ways.get(id);
        if (way != null) way.here = false;
    }

    public void left(Id id) {
        Way way = ways.remove(id);
        if (way != null) close(way);
    }

    public void stop() {
        stopped = true;
        ways.values().forEach(DirectPaths::close);
        ways.clear();
    }

    private static void close(Way way) {
        Connection connection = way.connection;
        way.connection = null;
        way.reset();
        if (connection != null) connection.close();
    }

    /** The application sent to this peer, or heard from it. */
    public void used(Id id, long now) {
        Way way = ways.get(id);
        if (way != null) way.used(now);
    }

    /** The network is not what it was. */
    public void wake() {
        long now = host.nowNanos();
        for (Way way : ways.values()) {
            way.ladder.doubt(millis(now));
            way.retryAt =
                    Math.min(way.retryAt, now + (long) (random.nextDouble() * Waits.RESTART_NANOS));
            way.unrelayed = 0;
            if (way.open) restart(way);
        }
    }

    // What is known

    /** {@code DIRECT} or {@code RELAYED}. */
    public PathKind kindOf(Id id) {
        Way way = ways.get(id);
        return way != null && way.isRelayed() ? PathKind.RELAYED : PathKind.DIRECT;
    }

    /** Smoothed; 0 before the first echo. */
    public long rttNanos(Id id) {
        Way way = ways.get(id);
        return way == null ? 0 : (long) (way.ladder.rttMillis() * 1e6);
    }

    public boolean writable(Id id) {
        Connection connection = connectionOf(id);
        return connection != null && connection.writable();
    }

    public @Nullable Connection connectionOf(Id id) {
        Way way = ways.get(id);
        return way == null ? null : way.connection;
    }

    /** What its present attempt shows, or, until that has seen all, the last. */
    public @Nullable Evidence evidenceOf(Id id) {
        Way way = ways.get(id);
        if (way == null) return null;
        Connection connection = way.connection;
        if (connection != null && connection.evidence().complete()) return connection.evidence();
        return way.evidence;
    }

    /** What the server names now, of the kinds that are allowed. */
    List<IceServer> iceServers() {
        boolean relays = kinds.contains(PathKind.RELAYED);
        return IceServers.parse(host.iceServers()).stream()
                .filter(server -> relays || !server.kind().isTurn())
                .toList();
    }

    /** Whether it said that it has no direct paths at all. */
    public boolean refusedBy(Id id) {
        Way way = ways.get(id);
        return way != null && way.refused;
    }

    // What the pair does

    public void send(Id id, Bytes frames, boolean loose) {
        Connection connection = connectionOf(id);
        if (connection != null) connection.send(frames, loose);
    }

    /** A probe came back over the data channel. */
    public void echoed(Id id, long rttNanos, long now) {
        Way way = ways.get(id);
        if (way != null) way.ladder.echoed(millis(now), rttNanos / 1e6);
    }

    /** The pair has moved. */
    public void moved(Id id, PairPath path, long now) {
        Way way = ways.get(id);
        if (way != null) way.ladder.moved(path, millis(now));
    }

    /** When to call {@link #advance} again, at the latest; {@code Long.MAX_VALUE}: never. */
    public long deadlineNanos() {
        return deadline;
    }

    public void advance(long now) {
        if (stopped) return;
        deadline = Way.NEVER;
        for (Way way : List.copyOf(ways.values())) {
            if (ways.get(way.member.id()) != way) continue;
            way.inflow.release(way.member, host);
            climb(way, now);
            if (now >= way.giveUpAt) fail(way, now);
            if (now >= way.unrelayAt) unrelay(way, now);
            if (now >= way.restartAt) restart(way);
            by(Math.min(nanos(way.ladder.deadline()), way.deadline()));
        }
        fill(now);
    }

    private long nanos(double millis) {
        if (millis == Double.POSITIVE_INFINITY) return Way.NEVER;
        return originNanos + (long) Math.ceil(millis * 1e6);
    }

    private void by(long at) {
        deadline = Math.min(deadline, at);
    }

    private void climb(Way way, long now) {
        Id id = way.member.id();
        PathLadder ladder = way.ladder;
        // 1 ns ahead: what was sent just now is under way, too.
        double silent =
                ladder.path() == PairPath.DIRECT ? host.silentForNanos(id, now + 1) / 1e6 : 0;
        double activeAt = way.active ? millis(way.activeAt) : Double.NEGATIVE_INFINITY;
        PathLadder.Evidence evidence = new PathLadder.Evidence(silent, activeAt, host.fallback());
        switch (ladder.observe(millis(now), evidence)) {
            case PathLadder.Use(PairPath path, String reason) -> host.use(id, path, reason);
            case PathLadder.Probe(boolean send) -> {
                if (send) host.probe(id, way.relayed ? VIEW_RELAYED : VIEW_DIRECT);
                if (send && silent >= ladder.patienceMillis() / 2) host.askServer();
            }
            case PathLadder.Rest _ -> {}
        }
    }

    // Who gets a direct path

    /** Starts what is due and there is room for. */
    private void fill(long now) {
        List<Way> waiting = new ArrayList<>();
        int count = 0;
        for (Way way : ways.values()) {
            if (way.connection != null) count++;
            else if (way.here && !way.refused) waiting.add(way);
        }
        List<Way> due = new ArrayList<>(waiting);
        due.removeIf(way -> way.retryAt > now);
        due.sort((a, b) -> Double.compare(b.activity(now), a.activity(now)));
        boolean room = true;
        for (Way way : due) {
            if (count < most) count++;
            else if (!evict(way, now)) {
                room = false;
                break;
            }
            start(way, way.number + 1, true, now);
        }
        for (Way way : waiting) if (way.retryAt > now) by(way.retryAt);
        // With no room left activity decides; it is looked at again every now and then.
        if (!room) by(now + Way.ACTIVITY_NANOS);
    }

    /** Takes the direct path from the least active peer if this one is clearly more active. */
    private boolean evict(Way way, long now) {
        Way least = null;
        for (Way other : ways.values()) {
            if (other.connection == null || now - other.startedAt < Way.ACTIVITY_NANOS) continue;
            if (least == null || other.activity(now) < least.activity(now)) least = other;
        }
        if (least == null || way.activity(now) < 2 * least.activity(now) + 3) return false;
        decline(least);
        end(least, now);
        least.retryAt = now + Waits.DECLINED_NANOS;
        return true;
    }

    private void decline(Way way) {
        host.signal(way.member, declined(way.number, BUSY));
    }

    /** That no direct path is wanted: {@link #UNSUPPORTED}, or for now. */
    public static Signal declined(long connection, String reason) {
        return new Signal(
                connection, Signal.Kind.DECLINE, null, null, null, null, -1, null, reason);
    }

    // One connection

    private void start(Way way, long number, boolean offers, long now) {
        close(way);
        way.number = number;
        way.startedAt = now;
        way.giveUpAt = now + Waits.ATTEMPT_NANOS;
        way.relayed = false;
        way.relayedThere = false;
        by(way.giveUpAt);
        Connector.Plan plan = new Connector.Plan(offers, way.polite, iceServers(), kinds);
        Watch watch = new Watch(way, number);
        way.connection = connector.open(plan, watch);
    }

    /** Hears of one connection, as long as it is its way's present one. */
    private final class Watch implements Connection.Events {
        private final Way way;
        private final long number;

        Watch(Way way, long number) {
            this.way = way;
            this.number = number;
        }

        private boolean present() {
            return !stopped && way.number == number && way.connection != null;
        }

        @Override
        public void signal(Connection.Word word) {
            if (present()) host.signal(way.member, word.of(number));
        }

        @Override
        public void packet(Bytes packet, boolean loose) {
            if (present()) DirectPaths.this.packet(way, packet, loose);
        }

        @Override
        public void writable() {
            host.changed();
        }

        @Override
        public void changed(Connection.Change change) {
            if (!present()) return;
            DirectPaths.this.changed(way, change);
            host.changed();
        }
    }

    private void changed(Way way, Connection.Change change) {
        long now = host.nowNanos();
        switch (change) {
            case OPEN -> {
                if (way.open) return;
                way.open = true;
                way.giveUpAt = Way.NEVER;
                way.failures = 0;
                lookUp(way);
                way.ladder.opened(millis(now));
            }
            case CLOSED -> fail(way, now);
            case CONNECTED -> {
                way.restartAt = Way.NEVER;
                if (way.open) way.giveUpAt = Way.NEVER;
                lookUp(way);
            }
            case PAIR -> lookUp(way);
            case DISCONNECTED, FAILED -> {
                boolean failed = change == Connection.Change.FAILED;
                if (way.open) {
                    // The ladder judges the path by itself; this mends it.
                    way.restartAt = now + (way.polite ? Waits.RESTART_NANOS : 0);
                    if (failed) way.giveUpAt = Math.min(way.giveUpAt, now + Waits.MEND_NANOS);
                } else if (failed) {
                    fail(way, now);
                }
            }
        }
    }

    private static void restart(Way way) {
        way.restartAt = Way.NEVER;
        if (way.connection != null) way.connection.restart();
    }

    /** ICE stays on the relay that it has chosen: it is asked for something better. */
    private void unrelay(Way way, long now) {
        way.unrelayAt = Way.NEVER;
        if (!way.open || !way.isRelayed()) return;
        way.unrelayed++;
        restart(way);
        awaitDirect(way, now);
    }

    private void awaitDirect(Way way, long now) {
        boolean wanted = way.isRelayed() && kinds.contains(PathKind.DIRECT) && !way.polite;
        if (!wanted) {
            way.unrelayAt = Way.NEVER;
            way.unrelayed = 0;
        } else if (way.unrelayAt == Way.NEVER) {
            way.unrelayAt = now + Waits.unrelay(random, way.unrelayed);
        }
        by(way.unrelayAt);
    }

    /** Whether its packets are relayed; both sides tell each other in their probes. */
    private void lookUp(Way way) {
        boolean relayed = way.connection != null && way.connection.relayed();
        if (way.relayed == relayed) return;
        way.relayed = relayed;
        // A probe tells the other side.
        way.ladder.doubt(millis(host.nowNanos()));
        kindChanged(way);
    }

    private void kindChanged(Way way) {
        awaitDirect(way, host.nowNanos());
        host.kindChanged(way.member.id());
    }

    private void fail(Way way, long now) {
        end(way, now);
        way.retryAt = now + Waits.retry(random, way.failures++);
    }

    private void end(Way way, long now) {
        Connection connection = way.connection;
        if (connection != null && connection.evidence().complete()) {
            way.evidence = connection.evidence();
        }
        close(way);
        way.ladder.closed(millis(now));
        climb(way, now);
    }

    // What comes

    private void packet(Way way, Bytes packet, boolean loose) {
        way.ladder.heard(millis(host.nowNanos()));
        Boolean relayed = loose ? Inflow.view(packet) : null;
        if (relayed != null && way.relayedThere != relayed) {
            way.relayedThere = relayed;
            kindChanged(way);
        }
        // A peer that keeps to its window does not come so far.
        if (!way.inflow.take(way.member, packet, loose, host)) fail(way, host.nowNanos());
    }

    /** Takes what a peer says of a connection. */
    public void signal(Member from, Signal signal) {
        Way way = ways.get(from.id());
        if (way == null || way.member.incarnation() != from.incarnation()) return;
        if (signal.connection() < way.number) return;
        long now = host.nowNanos();
        boolean offer = "offer".equals(signal.descriptionType());
        if (signal.kind() == Signal.Kind.DECLINE) {
            way.number = signal.connection();
            way.refused = UNSUPPORTED.equals(signal.reason());
            end(way, now);
            way.retryAt =
                    now
                            + Waits.DECLINED_NANOS
                            + (long) (random.nextDouble() * Waits.DECLINED_NANOS);
        } else if (way.connection != null && signal.connection() == way.number) {
            if (offer) way.restartAt = Way.NEVER;
            way.connection.receive(signal);
        } else if (offer) {
            answer(way, signal, now);
        }
        host.changed();
    }

    /** An offer of a connection that is not here yet. */
    private void answer(Way way, Signal offer, long now) {
        long others = 0;
        for (Way other : ways.values()) if (other.connection != null && other != way) others++;
        if (others >= most && !evict(way, now)) {
            way.number = offer.connection();
            decline(way);
            return;
        }
        if (way.open) end(way, now);
        start(way, offer.connection(), false, now);
        if (way.connection != null) way.connection.receive(offer);
    }
}
