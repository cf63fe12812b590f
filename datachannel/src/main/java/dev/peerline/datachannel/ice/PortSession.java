package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.Generation.Path;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A session of a port: its states, what its listener is told, and the pair that carries packets.
 * Public methods hand their work to the loop; everything else belongs to it. The latest generation
 * is what checks are about; the active one is what carries packets.
 */
final class PortSession implements IceSession {
    private final SharedPort port;
    private final IceLoop loop;
    private final IceListener listener;
    private final Counters counters = new Counters();
    private final long tieBreaker = Credentials.tieBreaker();
    private final Sources sources = new Sources(this);
    private final Sender sender;
    private final List<IceCandidate> unclaimed = new ArrayList<>();

    private final Object lock = new Object(); // the two below, for callers on other threads
    private IceParameters localParameters = Credentials.parameters();
    private @Nullable IceParameters remoteParameters;

    private IceOptions options;
    private Generation latest;
    private @Nullable Generation active;
    private boolean gathering;
    private boolean closed;
    private volatile IceState state = IceState.NEW;
    private volatile IceGatheringState gatheringState = IceGatheringState.NEW;
    private volatile @Nullable SelectedPair selectedPair;

    PortSession(SharedPort port, IceOptions options, IceListener listener) {
        this.port = port;
        this.options = options;
        this.listener = listener;
        loop = port.loop();
        sender = new Sender(loop, counters);
        Generation first = new Generation(this, port, new Generation.Own(localParameters, options));
        latest = first;
        loop.execute(() -> port.add(first));
    }

    // --- from any thread ------------------------------------------------------------------------

    @Override
    public IceParameters localParameters() {
        synchronized (lock) {
            return localParameters;
        }
    }

    @Override
    public void gather() {
        loop.execute(
                () -> {
                    if (gathering || closed) return;
                    gathering = true;
                    gatheringState(IceGatheringState.GATHERING);
                    latest.gatherer().start();
                });
    }

    @Override
    public void setOptions(IceOptions other) {
        loop.execute(
                () -> {
                    options = other;
                    if (!closed && !gathering && !latest.hasBegun()) replace(latest.local());
                });
    }

    @Override
    public void setRemote(IceParameters remote, IceRole role) {
        synchronized (lock) {
            if (remote.equals(remoteParameters)) return;
            if (remoteParameters != null)
                throw new IllegalStateException(
                        "remote: other parameters are a restart, which restart() answers");
            remoteParameters = remote;
        }
        loop.execute(() -> begin(remote, role));
    }

    private void begin(IceParameters remote, IceRole role) {
        if (closed) return;
        List<IceCandidate> claimed = new ArrayList<>();
        for (Iterator<IceCandidate> all = unclaimed.iterator(); all.hasNext(); ) {
            IceCandidate candidate = all.next();
            if (!candidate.isOf(remote)) continue;
            all.remove();
            claimed.add(candidate);
        }
        latest.begin(remote, role, claimed);
    }

    @Override
    public void addRemoteCandidate(IceCandidate candidate) {
        loop.execute(
                () -> {
                    if (closed) return;
                    if (latest.isWith(candidate)) latest.add(candidate);
                    else if (unclaimed.size() < Generation.MAX_REMOTE_CANDIDATES)
                        unclaimed.add(candidate);
                });
    }

    @Override
    public void endOfRemoteCandidates() {
        loop.execute(
                () -> {
                    latest.endCandidates();
                    settle();
                });
    }

    @Override
    public IceParameters restart() {
        IceParameters fresh = Credentials.parameters();
        synchronized (lock) {
            localParameters = fresh;
            remoteParameters = null;
        }
        loop.execute(() -> renew(fresh));
        return fresh;
    }

    private void renew(IceParameters fresh) {
        if (closed) return;
        replace(fresh);
        if (!gathering) return;
        Generation it = latest;
        gatheringState(IceGatheringState.GATHERING);
        port.refresh(
                () -> {
                    if (!closed && isLatest(it)) it.gatherer().start();
                });
    }

    private void replace(IceParameters parameters) {
        // what carries packets goes on doing so, nominated or not
        if (active == null && latest.suspend()) active = latest;
        else if (latest != active) latest.retire();
        latest = new Generation(this, port, new Generation.Own(parameters, options));
        port.add(latest);
    }

    @Override
    public boolean send(ByteBuffer packet) {
        return sender.send(packet);
    }

    @Override
    public IceState state() {
        return state;
    }

    @Override
    public IceGatheringState gatheringState() {
        return gatheringState;
    }

    @Override
    public @Nullable SelectedPair selectedPair() {
        return selectedPair;
    }

    @Override
    public IceStats stats() {
        return counters.snapshot(state, selectedPair);
    }

    @Override
    public IceLoop loop() {
        return loop;
    }

    @Override
    public void close() {
        if (state == IceState.CLOSED) return;
        loop.execute(this::end);
    }

    private void end() {
        if (closed) return;
        closed = true;
        sender.path(null);
        latest.retire();
        if (active != null) active.retire();
        sources.release();
        port.listeners().forEach(each -> each.release(this));
        port.remove(this);
        state(IceState.CLOSED);
    }

    // --- from generations -----------------------------------------------------------------------

    IceListener listener() {
        return listener;
    }

    Sources sources() {
        return sources;
    }

    long tieBreaker() {
        return tieBreaker;
    }

    boolean isLatest(Generation generation) {
        return !closed && generation == latest;
    }

    private boolean isKept() {
        return active != null && active.keeper() != null;
    }

    void found(IceCandidate candidate) {
        listener.localCandidate(candidate);
    }

    void gathered() {
        gatheringState(IceGatheringState.COMPLETE);
        settle();
    }

    /** Checks have begun. */
    void checking() {
        if (!isKept()) state(IceState.CHECKING);
    }

    /** No pair works, and none is waited for. */
    void expired() {
        if (isKept()) return;
        sender.path(null);
        selectedPair = null;
        state(IceState.FAILED);
    }

    /** Takes a pair that works, if there is none yet. */
    boolean offer(Path path) {
        if (active != null || selectedPair != null) return false;
        select(path);
        state(IceState.CONNECTED);
        return true;
    }

    /** A pair is nominated; it may be the one in use. */
    void selected(Generation generation, Path path, boolean inUse) {
        Generation before = active;
        active = generation;
        if (before != null && before != generation) before.retire();
        if (!inUse) select(path);
        state(IceState.CONNECTED);
        settle();
    }

    PathKeeper.Events keeping(Generation generation) {
        return new Keeping(generation);
    }

    // --- packets --------------------------------------------------------------------------------

    /** A packet from an address of the peer's. */
    void data(LocalEnd at, MutableAddress from, ByteBuffer packet) {
        if (closed) return;
        if (active == null && !sender.hasPath()) sender.path(latest.path(at, from.toAddress()));
        counters.received(packet.remaining());
        listener.packet(packet);
    }

    @Override
    public void proven() {
        Path path = sender.path();
        if (closed || path == null || state != IceState.CHECKING || selectedPair != null) return;
        latest.proven(path);
        select(path);
        state(IceState.CONNECTED);
    }

    /** Another session has taken this address. */
    void lost(HostEnd host, TransportAddress from) {
        sources.lost(host, from);
    }

    /** A TCP connection is gone. */
    void cut(LocalEnd end, TransportAddress remote) {
        if (!closed && active != null) active.cut(end, remote);
    }

    private void select(Path path) {
        sender.path(path);
        selectedPair = path.pair();
        counters.pairChanged();
        listener.selectedPair(path.pair());
    }

    private void settle() {
        if (active == null || !isKept() || closed || state == IceState.DISCONNECTED) return;
        boolean all = active.endOfCandidates() && gatheringState == IceGatheringState.COMPLETE;
        state(all ? IceState.COMPLETED : IceState.CONNECTED);
    }

    private void state(IceState other) {
        if (state == other) return;
        state = other;
        listener.state(other);
    }

    private void gatheringState(IceGatheringState other) {
        if (gatheringState == other) return;
        gatheringState = other;
        listener.gatheringState(other);
    }

    /** What becomes of the selected pair. */
    private final class Keeping implements PathKeeper.Events {
        private final Generation generation;

        Keeping(Generation generation) {
            this.generation = generation;
        }

        @Override
        public void doubted(boolean yes) {
            if (yes) {
                state(IceState.DISCONNECTED);
                return;
            }
            state(IceState.CONNECTED);
            settle();
        }

        @Override
        public void lost() {
            generation.endKeeping();
            sender.path(null);
            boolean over = generation == latest; // else the checks of a restart go on
            if (over) listener.consentLost();
            state(over ? IceState.FAILED : IceState.CHECKING);
        }

        @Override
        public void moved(LocalEnd local, TransportAddress remote) {
            if (generation.keeper() == null) return;
            Path path = generation.path(local, remote);
            generation.moved(path);
            select(path);
        }

        @Override
        public void asked() {
            counters.asked();
        }

        @Override
        public void answered(long roundTripNanos) {
            counters.answered(roundTripNanos);
        }
    }
}
