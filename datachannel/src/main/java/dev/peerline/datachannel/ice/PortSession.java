package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.Generation.Path;
import dev.peerline.datachannel.ice.SharedPort.Request;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunReader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A session of a port. Public methods hand their work to the loop; everything else belongs to it.
 * The latest generation is what checks are about; the active one is what carries packets.
 */
final class PortSession implements IceSession {
    /** How long an empty check list may stay so: the first candidate may be late. */
    private static final long FIRST_CANDIDATE_NANOS = 60_000_000_000L;

    /** Between a failure of ice4j's and another try. */
    private static final long RETRY_NANOS = 250_000_000;

    private final SharedPort port;
    private final IceLoop loop;
    private final IceOptions options;
    private final IceListener listener;
    private final Gatherer gatherer;
    private final Counters counters = new Counters();
    private final long tieBreaker = Credentials.tieBreaker();
    private final Sources sources = new Sources(this);
    private final Sender sender;
    private final List<IceCandidate> unclaimed = new ArrayList<>();

    private final Object lock = new Object(); // the two below, for callers on other threads
    private IceParameters localParameters = Credentials.parameters();
    private @Nullable IceParameters remoteParameters;

    private Generation latest = new Generation(this, localParameters);
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
        gatherer = new Gatherer(port, options, new Gathering());
        Generation first = latest;
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
                    gatherer.start();
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

    @Override
    public void addRemoteCandidate(IceCandidate candidate) {
        loop.execute(() -> sort(candidate));
    }

    @Override
    public void endOfRemoteCandidates() {
        loop.execute(
                () -> {
                    latest.endOfCandidates = true;
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
        gatherer.close();
        retire(latest);
        if (active != null) retire(active);
        sources.release();
        port.remove(this);
        state(IceState.CLOSED);
    }

    // --- checks ---------------------------------------------------------------------------------

    private void begin(IceParameters remote, IceRole role) {
        Generation generation = latest;
        if (closed || generation.remote != null) return;
        generation.remote = remote;
        generation.controlling = role == IceRole.CONTROLLING;
        for (Iterator<IceCandidate> all = unclaimed.iterator(); all.hasNext(); ) {
            IceCandidate candidate = all.next();
            if (!candidate.isOf(remote)) continue;
            all.remove();
            resolve(generation, candidate);
        }
        check(generation);
        for (Generation.Early early : List.copyOf(generation.early)) {
            port.stun(early.at(), early.from(), ByteBuffer.wrap(early.message()), this);
        }
        generation.early.clear();
    }

    private void sort(IceCandidate candidate) {
        if (closed) return;
        IceParameters remote = latest.remote;
        if (remote != null && candidate.isOf(remote)) {
            resolve(latest, candidate);
        } else if (unclaimed.size() < Generation.MAX_REMOTE_CANDIDATES) {
            unclaimed.add(candidate);
        }
    }

    private void resolve(Generation generation, IceCandidate candidate) {
        boolean names = options.resolveMdns() && candidate.isMdns() && generation.mayAsk();
        RemoteAddress.find(
                candidate,
                names ? port.mdns() : null,
                address -> accept(generation, candidate, address));
    }

    private void accept(Generation generation, IceCandidate candidate, TransportAddress address) {
        if (closed || generation != latest || generation.keeper != null) return;
        if (generation.remoteCandidates.size() == Generation.MAX_REMOTE_CANDIDATES) return;
        generation.remoteCandidates.add(new Generation.Remote(address, candidate));
        extend(generation, options.checkTimeout().toNanos());
        Checks checks = generation.checks;
        if (checks != null) checks.addRemote(address, candidate);
        else if (generation.begun) check(generation);
    }

    /** Runs ice4j; again after it has failed. */
    private void check(Generation generation) {
        Checks.Identity identity = generation.identity(tieBreaker);
        if (closed || identity == null || generation.checks != null) return;
        generation.begun = true;
        Checks checks = new Checks(loop, identity, gatherer.ends(), new Checking(generation));
        generation.checks = checks;
        for (Generation.Remote remote : generation.remoteCandidates) {
            checks.addRemote(remote.address(), remote.candidate());
        }
        boolean some = !generation.remoteCandidates.isEmpty();
        extend(generation, some ? options.checkTimeout().toNanos() : FIRST_CANDIDATE_NANOS);
        if (active == null || active.keeper == null) state(IceState.CHECKING);
        checks.start();
    }

    private void extend(Generation generation, long nanos) {
        generation.deadlineNanos = IceLoop.nowNanos() + nanos;
        if (generation.deadline != null) generation.deadline.cancel();
        generation.deadline = loop.scheduleAt(generation.deadlineNanos, () -> expire(generation));
    }

    private void expire(Generation generation) {
        if (closed || generation.keeper != null || generation.checks == null) return;
        stop(generation);
        if (active != null && active.keeper != null) return;
        sender.path(null);
        selectedPair = null;
        state(IceState.FAILED);
    }

    /** Ends ice4j's part. */
    private void stop(Generation generation) {
        Checks checks = generation.checks;
        generation.checks = null;
        if (checks != null) checks.close();
        generation.transactions.forEach(port::forget);
        generation.transactions.clear();
        if (generation.deadline != null) generation.deadline.cancel();
    }

    private void renew(IceParameters fresh) {
        if (closed) return;
        if (latest != active) retire(latest);
        latest = new Generation(this, fresh);
        port.add(latest);
        if (gathering) gatherer.repeat();
    }

    private void retire(Generation generation) {
        stop(generation);
        if (generation.keeper != null) generation.keeper.close();
        generation.keeper = null;
        port.remove(generation);
    }

    /** A check whose sender knows our password. */
    void request(Generation generation, String remoteFragment, Request request) {
        if (closed || (options.relayOnly() && request.at() instanceof HostEnd)) return;
        IceParameters remote = generation.remote;
        if (remote == null) {
            if (generation.early.size() < Generation.MAX_EARLY)
                generation.early.add(
                        new Generation.Early(request.copy(), request.at(), request.from()));
            return;
        }
        // both halves: a browser that restarts must not find its old self answered by the new
        if (!remoteFragment.equals(remote.usernameFragment())) return;
        if (!sources.claim(request.at(), request.from())) return;
        if (generation.keeper != null) {
            generation.keeper.request(request);
            return;
        }
        if (generation.checks == null && generation == latest) check(generation);
        Checks checks = generation.checks;
        if (checks != null) checks.received(request.copy(), request.at(), request.from());
    }

    /** Another session has taken this address. */
    void lost(HostEnd host, TransportAddress from) {
        sources.lost(host, from);
    }

    // --- packets --------------------------------------------------------------------------------

    /** A packet from an address of the peer's. */
    void data(LocalEnd at, MutableAddress from, ByteBuffer packet) {
        if (closed) return;
        if (active == null && !sender.hasPath()) {
            TransportAddress back = from.toAddress();
            SelectedPair none = gatherer.pair(at, at.address(), back, IceCandidate.Kind.PRFLX);
            sender.path(new Path(at, back, none));
        }
        counters.received(packet.remaining());
        listener.packet(packet);
    }

    @Override
    public void proven() {
        Path path = sender.path();
        if (closed || path == null || state != IceState.CHECKING || selectedPair != null) return;
        latest.usable = path;
        select(path);
        state(IceState.CONNECTED);
    }

    private void select(Path path) {
        sender.path(path);
        selectedPair = path.pair();
        counters.pairChanged();
        listener.selectedPair(path.pair());
    }

    private void settle() {
        if (closed || active == null || active.keeper == null || state == IceState.DISCONNECTED)
            return;
        boolean all = active.endOfCandidates && gatheringState == IceGatheringState.COMPLETE;
        state(all ? IceState.COMPLETED : IceState.CONNECTED);
    }

    private void state(IceState other) {
        if (state == other) return;
        state = other;
        listener.state(other);
    }

    private void gatheringState(IceGatheringState other) {
        gatheringState = other;
        listener.gatheringState(other);
    }

    private final class Gathering implements Gatherer.Events {
        @Override
        public void found(IceCandidate candidate, @Nullable LocalEnd end) {
            Checks checks = latest.checks;
            if (end != null && checks != null) checks.addLocal(end);
            listener.localCandidate(
                    candidate.withUsernameFragment(latest.local.usernameFragment()));
        }

        @Override
        public void complete() {
            gatheringState(IceGatheringState.COMPLETE);
            settle();
        }

        @Override
        public void failed(IceServer server, int code, String hint) {
            listener.candidateError(server, code, hint);
        }

        @Override
        public void stun(RelayEnd end, TransportAddress from, ByteBuffer message) {
            port.stun(end, from, message, PortSession.this);
        }

        @Override
        public void data(RelayEnd end, MutableAddress from, ByteBuffer packet) {
            PortSession.this.data(end, from, packet);
        }

        @Override
        public boolean undecided() {
            return state == IceState.NEW || state == IceState.CHECKING;
        }
    }

    /** What ice4j has to say. */
    private final class Checking implements Checks.Events {
        private final Generation generation;

        Checking(Generation generation) {
            this.generation = generation;
        }

        @Override
        public void transmit(byte[] message, LocalEnd from, TransportAddress to) {
            if (CheckMessages.isRequest(message)) {
                CheckMessages.TransactionId id = CheckMessages.TransactionId.of(message);
                if (generation.transactions.add(id)) port.expect(id, this::answered);
            }
            from.send(ByteBuffer.wrap(message), to);
        }

        private void answered(StunReader answer, LocalEnd at, TransportAddress from) {
            IceParameters remote = generation.remote;
            Checks checks = generation.checks;
            if (remote == null || checks == null) return;
            if (!port.messages().isBy(remote.password(), answer) || !sources.claim(at, from))
                return;
            checks.received(SharedPort.copy(answer), at, from);
        }

        /** RFC 8445 §12.1: packets may use a valid pair before one is nominated. */
        @Override
        public void usable(Checks.Pair pair) {
            if (active != null || selectedPair != null) return;
            generation.usable = path(pair);
            select(generation.usable);
            state(IceState.CONNECTED);
        }

        private Path path(Checks.Pair of) {
            SelectedPair named = gatherer.pair(of.local(), of.mapped(), of.remote(), of.kind());
            return new Path(of.local(), of.remote(), named);
        }

        @Override
        public void selected(Checks.Pair pair, boolean controlling) {
            generation.controlling = controlling;
            stop(generation);
            Generation before = active;
            active = generation;
            if (before != null && before != generation) retire(before);
            Path path = path(pair);
            Checks.Identity identity = generation.identity(tieBreaker);
            if (identity == null) throw new AssertionError("checks need both parameters");
            Keeping keeping = new Keeping(generation);
            PathKeeper keeper = new PathKeeper(port, identity, path, options, keeping);
            generation.keeper = keeper;
            if (!path.equals(generation.usable)) select(path);
            state(IceState.CONNECTED);
            settle();
            if (!closed) keeper.start();
        }

        @Override
        public void failed(boolean controlling) {
            generation.controlling = controlling;
            boolean more = IceLoop.nowNanos() - generation.deadlineNanos < 0;
            if (!more || generation.endOfCandidates) {
                expire(generation);
                return;
            }
            long deadline = generation.deadlineNanos;
            stop(generation);
            loop.schedule(
                    RETRY_NANOS,
                    () -> {
                        if (generation != latest || generation.keeper != null) return;
                        check(generation);
                        extend(generation, deadline - IceLoop.nowNanos());
                    });
        }
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
            if (generation.keeper != null) generation.keeper.close();
            generation.keeper = null;
            sender.path(null);
            boolean over = generation == latest; // else the checks of a restart go on
            if (over) listener.consentLost();
            state(over ? IceState.FAILED : IceState.CHECKING);
        }

        @Override
        public void moved(LocalEnd local, TransportAddress remote) {
            PathKeeper keeper = generation.keeper;
            if (keeper == null) return;
            IceCandidate.Kind kind = generation.kind(remote);
            Path path =
                    new Path(local, remote, gatherer.pair(local, local.address(), remote, kind));
            keeper.move(path);
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
