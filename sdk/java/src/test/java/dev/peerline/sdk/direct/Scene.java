package dev.peerline.sdk.direct;

import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.sdk.PathKind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Direct paths of one peer, in virtual time, over connections that do what a test says. */
final class Scene implements DirectHost, Connector {
    private static final Id OWN = new Id(5, 5);

    final List<Fake> connections = new ArrayList<>();
    final List<Signal> signals = new ArrayList<>();
    final List<Integer> probes = new ArrayList<>();
    final List<String> moves = new ArrayList<>();
    final List<Bytes> received = new ArrayList<>();
    final DirectPaths paths;
    boolean congested;
    long silentNanos;
    int askedServer;
    private long nowNanos;

    Scene(int most) {
        paths =
                new DirectPaths(
                        this, this, EnumSet.allOf(PathKind.class), most, new SplittableRandom(1));
    }

    /** A peer whose id is above or below the own. */
    static Member member(int number) {
        return new Member(new Id(number, 0), 1);
    }

    static Signal offer(long connection) {
        return new Connection.Description("offer", "v=0").of(connection);
    }

    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nowNanos);
    }

    /** Lets time pass: what is due is done when it is. */
    void pass(long millis) {
        long until = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        paths.advance(nowNanos);
        while (paths.deadlineNanos() <= until) {
            nowNanos = Math.max(nowNanos + 1, paths.deadlineNanos());
            paths.advance(nowNanos);
        }
        nowNanos = until;
        paths.advance(nowNanos);
    }

    Fake newest() {
        return connections.getLast();
    }

    /** A connection that does nothing by itself. */
    static final class Fake implements Connection {
        final Connector.Plan plan;
        final Connection.Events events;
        final List<Signal> heard = new ArrayList<>();
        final Evidence evidence = new Evidence();
        boolean open;
        boolean relayed;
        boolean closed;
        int restarts;

        Fake(Connector.Plan plan, Connection.Events events) {
            this.plan = plan;
            this.events = events;
        }

        void opens() {
            open = true;
            events.changed(Change.CONNECTED);
            events.changed(Change.OPEN);
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public boolean writable() {
            return open;
        }

        @Override
        public boolean relayed() {
            return relayed;
        }

        @Override
        public @Nullable String pair() {
            return null;
        }

        @Override
        public String iceState() {
            return "checking";
        }

        @Override
        public Evidence evidence() {
            return evidence;
        }

        @Override
        public void send(Bytes packet, boolean loose) {}

        @Override
        public void receive(Signal signal) {
            heard.add(signal);
        }

        @Override
        public void restart() {
            restarts++;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Override
    public Connection open(Plan plan, Connection.Events events) {
        connections.add(new Fake(plan, events));
        return newest();
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public Id id() {
        return OWN;
    }

    @Override
    public @Nullable String iceServers() {
        return null;
    }

    @Override
    public long silentForNanos(Id id, long now) {
        return silentNanos;
    }

    @Override
    public boolean fallback() {
        return true;
    }

    @Override
    public boolean congested() {
        return congested;
    }

    @Override
    public void signal(Member to, Signal signal) {
        signals.add(signal);
    }

    @Override
    public void probe(Id id, int view) {
        probes.add(view);
    }

    @Override
    public void askServer() {
        askedServer++;
    }

    @Override
    public void use(Id id, PairPath path, String reason) {
        moves.add(path + " " + reason);
    }

    @Override
    public void received(Member from, Bytes frames) {
        received.add(frames);
    }

    @Override
    public void kindChanged(Id id) {}

    @Override
    public void changed() {}
}
