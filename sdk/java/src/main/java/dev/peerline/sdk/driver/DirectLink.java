package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.sdk.direct.Connector;
import dev.peerline.sdk.direct.DirectHost;
import dev.peerline.sdk.direct.DirectPaths;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/** Between a driver's state machines and its direct paths. Runs on the loop. */
final class DirectLink implements DirectHost {
    /** Why a pair moves when this side has not decided it. */
    private static final String PEER = "peer";

    private final Loop loop;
    private final Machines machines;
    private final DriverListener listener;
    private final Owner owner;
    private final long incarnation;
    private final @Nullable DirectPaths paths;

    /** Why the next move comes. */
    private String reason = PEER;

    /** What a direct path is to be in step with. */
    record Machines(ClientSession session, Endpoint endpoint, Probes probes) {}

    /** Whose direct paths they are. */
    interface Owner {
        @Nullable Welcome welcome();

        /** Whether there is a session that carries messages. */
        boolean fallback();

        void changed();

        /** Tells what the pair links have to tell. */
        void deliver();
    }

    DirectLink(Loop loop, Setup setup, Machines machines, DriverListener listener, Owner owner) {
        this.loop = loop;
        this.machines = machines;
        this.listener = listener;
        this.owner = owner;
        incarnation = setup.identity().incarnation();
        Setup.Direct wanted = setup.direct();
        Connector connector = wanted.connector();
        paths =
                connector == null || !wanted.wanted()
                        ? null
                        : new DirectPaths(
                                this, connector, wanted.kinds(), wanted.most(), setup.random());
    }

    /** Null when there are to be none. */
    @Nullable DirectPaths paths() {
        return paths;
    }

    /** Why a pair moves just now. */
    String reason() {
        return reason;
    }

    /** Where there are no direct paths, who offers one is told so. */
    void signalled(SessionEvent.Signalled signalled) {
        if (signalled.to() != incarnation) return;
        Signal signal = signalled.signal();
        if (paths != null) {
            paths.signal(signalled.from(), signal);
        } else if ("offer".equals(signal.descriptionType())) {
            signal(
                    signalled.from(),
                    DirectPaths.declined(signal.connection(), DirectPaths.UNSUPPORTED));
        }
    }

    void stop() {
        if (paths != null) paths.stop();
    }

    @Override
    public long nowNanos() {
        return loop.nowNanos();
    }

    @Override
    public Id id() {
        return Objects.requireNonNull(owner.welcome(), "peers come after WELCOME").id();
    }

    @Override
    public @Nullable String iceServers() {
        Welcome welcome = owner.welcome();
        return welcome == null ? null : welcome.iceServers();
    }

    @Override
    public long silentForNanos(Id id, long nowNanos) {
        return machines.endpoint().silentForNanos(id, nowNanos);
    }

    @Override
    public boolean fallback() {
        return owner.fallback();
    }

    @Override
    public boolean congested() {
        return listener.congested();
    }

    @Override
    public void signal(Member to, Signal signal) {
        machines.session().signal(to, signal);
        owner.changed();
    }

    @Override
    public void probe(Id id, int view) {
        machines.probes().send(id, PairPath.DIRECT, view, loop.nowNanos());
    }

    @Override
    public void askServer() {
        machines.session().ping();
    }

    @Override
    public void use(Id id, PairPath path, String why) {
        reason = why;
        machines.endpoint().use(id, path, loop.nowNanos());
        owner.deliver();
        reason = PEER;
    }

    @Override
    public void received(Member from, Bytes frames) {
        machines.endpoint().receive(from, incarnation, PairPath.DIRECT, frames, loop.nowNanos());
        owner.changed();
    }

    @Override
    public void kindChanged(Id id) {
        listener.moved(id, "candidate", 0, 0);
        owner.changed();
    }

    @Override
    public void changed() {
        owner.changed();
    }
}
