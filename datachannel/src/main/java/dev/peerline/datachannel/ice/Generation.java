package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.Checks.Identity;
import dev.peerline.datachannel.ice.SharedPort.Request;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunReader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A session between two restarts: parameters of both sides, candidates of both, and the checks
 * until they select a pair. What becomes of that pair is the {@link PortSession}'s matter. Used on
 * the loop's thread alone.
 */
final class Generation {
    /** What a peer may name; more only costs time. */
    static final int MAX_REMOTE_CANDIDATES = 64;

    /** A browser has one name for each of its addresses. */
    private static final int MAX_NAMES = 8;

    /** Checks that came before the peer's parameters. */
    private static final int MAX_EARLY = 8;

    /** How long an empty check list may stay so: the first candidate may be late. */
    private static final long FIRST_CANDIDATE_NANOS = 60_000_000_000L;

    /** Between a failure of ice4j's and another try. */
    private static final long RETRY_NANOS = 250_000_000;

    private final PortSession session;
    private final SharedPort port;
    private final IceLoop loop;
    private final IceParameters local;
    private final IceOptions options;
    private final Gatherer gatherer;
    private final Dialer dialer;
    private final List<Remote> remoteCandidates = new ArrayList<>();
    private final List<Early> early = new ArrayList<>();
    private final Set<CheckMessages.TransactionId> transactions = new HashSet<>();
    private @Nullable IceParameters remote;
    private @Nullable Checks checks;
    private @Nullable PathKeeper keeper;
    private IceLoop.@Nullable Timer deadline;
    private @Nullable Path usable;
    private boolean controlling;
    private boolean endOfCandidates;
    private boolean begun;
    private boolean retired;
    private long deadlineNanos;
    private int names;

    /** A check that came before its time. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Early(byte[] message, LocalEnd at, TransportAddress from) {}

    /** A candidate of the peer's whose address is known. */
    private record Remote(TransportAddress address, IceCandidate candidate) {}

    /** Where packets go, and what is known of it. */
    record Path(LocalEnd local, TransportAddress remote, SelectedPair pair) {}

    /** Who we are. */
    record Own(IceParameters parameters, IceOptions options) {}

    Generation(PortSession session, SharedPort port, Own own) {
        this.session = session;
        this.port = port;
        loop = port.loop();
        local = own.parameters;
        options = own.options;
        gatherer = new Gatherer(port, options, new Gathering());
        dialer = new Dialer(port, session, new Dialing());
    }

    PortSession session() {
        return session;
    }

    IceParameters local() {
        return local;
    }

    IceOptions options() {
        return options;
    }

    Gatherer gatherer() {
        return gatherer;
    }

    @Nullable PathKeeper keeper() {
        return keeper;
    }

    boolean endOfCandidates() {
        return endOfCandidates;
    }

    /** Whether the peer's parameters are known. */
    boolean hasBegun() {
        return remote != null;
    }

    /** Whether the candidate is of the peer's parameters. */
    boolean isWith(IceCandidate candidate) {
        return remote != null && candidate.isOf(remote);
    }

    void endCandidates() {
        endOfCandidates = true;
    }

    // --- candidates -----------------------------------------------------------------------------

    /** Begins, with candidates that came before their time. */
    void begin(IceParameters other, IceRole role, List<IceCandidate> known) {
        if (retired || remote != null) return;
        remote = other;
        controlling = role == IceRole.CONTROLLING;
        known.forEach(this::add);
        check();
        for (Early each : List.copyOf(early)) {
            port.stun(each.at, each.from, ByteBuffer.wrap(each.message), session);
        }
        early.clear();
    }

    /** Takes a candidate of the peer's: at once, or when its name is resolved. */
    void add(IceCandidate candidate) {
        boolean tcp = candidate.protocol() == IceCandidate.Protocol.TCP;
        if (tcp && (!port.dials() || options.relayOnly())) return;
        boolean ask = options.resolveMdns() && candidate.isMdns() && names++ < MAX_NAMES;
        RemoteAddress.find(
                candidate, ask ? port.mdns() : null, address -> accept(address, candidate));
    }

    private void accept(TransportAddress address, IceCandidate candidate) {
        if (retired || keeper != null || remoteCandidates.size() == MAX_REMOTE_CANDIDATES) return;
        remoteCandidates.add(new Remote(address, candidate));
        extend(options.checkTimeout().toNanos());
        if (candidate.protocol() == IceCandidate.Protocol.TCP) dialer.add(address, candidate);
        else if (checks != null) checks.addRemote(address, candidate);
        if (checks == null && begun) check();
    }

    /** What the peer called this address of its own. */
    private IceCandidate.Kind kind(LocalEnd end, TransportAddress address) {
        for (Remote each : remoteCandidates) {
            boolean same = each.candidate.protocol() == end.protocol();
            if (same && each.address.equals(address)) return each.candidate.kind();
        }
        return IceCandidate.Kind.PRFLX;
    }

    /** A way to an address of the peer's, as its users see it. */
    Path path(LocalEnd end, TransportAddress to) {
        return new Path(end, to, gatherer.pair(end, end.address(), to, kind(end, to)));
    }

    private Path path(Checks.Pair of) {
        SelectedPair named = gatherer.pair(of.local(), of.mapped(), of.remote(), of.kind());
        return new Path(of.local(), of.remote(), named);
    }

    // --- checks ---------------------------------------------------------------------------------

    /** Who we are, once the peer's parameters are known. */
    private @Nullable Identity identity() {
        IceParameters other = remote;
        return other == null ? null : new Identity(local, other, controlling, session.tieBreaker());
    }

    /** Runs ice4j; again after it has failed. */
    private void check() {
        Identity identity = identity();
        if (retired || identity == null || checks != null) return;
        begun = true;
        List<LocalEnd> ends = new ArrayList<>(gatherer.ends());
        ends.addAll(dialer.up());
        Checks run = new Checks(loop, identity, ends, new Checking());
        checks = run;
        for (Remote each : remoteCandidates) {
            if (each.candidate.protocol() == IceCandidate.Protocol.UDP)
                run.addRemote(each.address, each.candidate);
        }
        for (TcpActive end : dialer.up())
            run.addRemote(end.target().remote(), end.target().candidate());
        boolean some = !remoteCandidates.isEmpty();
        extend(some ? options.checkTimeout().toNanos() : FIRST_CANDIDATE_NANOS);
        session.checking();
        run.start();
        dialer.begin();
    }

    private void extend(long nanos) {
        deadlineNanos = IceLoop.nowNanos() + nanos;
        if (deadline != null) deadline.cancel();
        deadline = loop.scheduleAt(deadlineNanos, this::expire);
    }

    private void expire() {
        if (retired || keeper != null || checks == null) return;
        stop();
        dialer.rest();
        session.expired();
    }

    /** Ends ice4j's part. */
    private void stop() {
        Checks run = checks;
        checks = null;
        if (run != null) run.close();
        transactions.forEach(port::forget);
        transactions.clear();
        if (deadline != null) deadline.cancel();
    }

    /** Ends the checks. False if none of them has found a pair that carries packets. */
    boolean suspend() {
        stop();
        return usable != null;
    }

    /** Lets go of everything. */
    void retire() {
        retired = true;
        stop();
        endKeeping();
        dialer.close();
        gatherer.close();
        port.remove(this);
    }

    /** The selected pair is lost. */
    void endKeeping() {
        if (keeper != null) keeper.close();
        keeper = null;
        dialer.use(null);
    }

    /** A check whose sender knows our password. */
    void request(String remoteFragment, Request request) {
        boolean exposed = options.relayOnly() && request.at().kind() == IceCandidate.Kind.HOST;
        if (retired || exposed) return;
        IceParameters other = remote;
        if (other == null) {
            if (early.size() < MAX_EARLY)
                early.add(new Early(request.copy(), request.at(), request.from()));
            return;
        }
        // both halves: a browser that restarts must not find its old self answered by the new
        if (!remoteFragment.equals(other.usernameFragment())) return;
        if (!session.sources().claim(request.at(), request.from())) return;
        if (keeper != null) {
            keeper.request(request);
            return;
        }
        if (checks == null && session.isLatest(this)) check();
        if (checks != null) checks.received(request.copy(), request.at(), request.from());
    }

    /** The connection that packets took is gone. */
    void cut(LocalEnd end, TransportAddress remoteAddress) {
        if (keeper != null) keeper.cut(end, remoteAddress);
    }

    /** Packets take this path from now on. */
    void moved(Path path) {
        if (keeper != null) keeper.move(path);
        dialer.use(path.local());
    }

    /** The peer has authenticated itself over it. */
    void proven(Path path) {
        usable = path;
    }

    /** What ice4j has to say. */
    private final class Checking implements Checks.Events {
        @Override
        public void transmit(byte[] message, LocalEnd from, TransportAddress to) {
            if (CheckMessages.isRequest(message)) {
                CheckMessages.TransactionId id = CheckMessages.TransactionId.of(message);
                if (transactions.add(id)) port.expect(id, this::answered);
            }
            from.send(ByteBuffer.wrap(message), to);
        }

        private void answered(StunReader answer, LocalEnd at, TransportAddress from) {
            IceParameters other = remote;
            Checks run = checks;
            if (other == null || run == null) return;
            if (!port.messages().isBy(other.password(), answer)) return;
            if (session.sources().claim(at, from)) run.received(SharedPort.copy(answer), at, from);
        }

        /** RFC 8445 §12.1: packets may use a valid pair before one is nominated. */
        @Override
        public void usable(Checks.Pair pair) {
            Path path = path(pair);
            if (session.offer(path)) usable = path;
        }

        @Override
        public void selected(Checks.Pair pair, boolean nowControlling) {
            controlling = nowControlling;
            stop();
            Path path = path(pair);
            Identity identity = identity();
            if (identity == null) throw new AssertionError("checks need both parameters");
            Generation it = Generation.this;
            PathKeeper.Place place = new PathKeeper.Place(port, identity, options);
            PathKeeper kept = new PathKeeper(place, path, session.keeping(it));
            keeper = kept;
            dialer.use(path.local());
            session.selected(it, path, path.equals(usable));
            if (!retired) kept.start();
        }

        @Override
        public void failed(boolean nowControlling) {
            controlling = nowControlling;
            boolean more = IceLoop.nowNanos() - deadlineNanos < 0;
            if (!more || endOfCandidates) {
                expire();
                return;
            }
            long until = deadlineNanos;
            stop();
            loop.schedule(
                    RETRY_NANOS,
                    () -> {
                        if (!session.isLatest(Generation.this) || keeper != null) return;
                        check();
                        extend(until - IceLoop.nowNanos());
                    });
        }
    }

    // --- what is found --------------------------------------------------------------------------

    private final class Gathering implements Gatherer.Events {
        @Override
        public void found(IceCandidate candidate, @Nullable LocalEnd end) {
            if (end != null && checks != null) checks.addLocal(end);
            if (session.isLatest(Generation.this))
                session.found(candidate.withUsernameFragment(local.usernameFragment()));
        }

        @Override
        public void complete() {
            if (session.isLatest(Generation.this)) session.gathered();
        }

        @Override
        public void failed(IceServer server, int code, String hint) {
            session.listener().candidateError(server, code, hint);
        }

        @Override
        public void stun(RelayEnd end, TransportAddress from, ByteBuffer message) {
            port.stun(end, from, message, session);
        }

        @Override
        public void data(RelayEnd end, MutableAddress from, ByteBuffer packet) {
            session.data(end, from, packet);
        }

        @Override
        public boolean undecided() {
            return keeper == null && !retired;
        }
    }

    private final class Dialing implements Dialer.Owner {
        @Override
        public boolean wantsTcp() {
            if (retired || keeper != null) return false;
            Path path = usable;
            return path == null
                    || path.local().isTcp()
                    || path.pair().local() == IceCandidate.Kind.RELAY
                    || path.pair().remote() == IceCandidate.Kind.RELAY;
        }

        @Override
        public void up(TcpActive end, boolean again) {
            if (again && keeper != null) {
                keeper.ask(end, end.target().remote());
            } else if (checks != null) {
                checks.addLocal(end);
                checks.addRemote(end.target().remote(), end.target().candidate());
            } else if (keeper != null) {
                end.close();
            }
        }

        @Override
        public void cut(TcpActive end) {
            session.cut(end, end.target().remote());
        }
    }
}
