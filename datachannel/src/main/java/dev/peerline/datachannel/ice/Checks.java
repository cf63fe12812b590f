package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.IceCandidate.Kind;
import dev.peerline.net.TransportAddress;

import org.ice4j.Transport;
import org.ice4j.ice.CandidatePair;
import org.ice4j.ice.CandidateType;
import org.ice4j.ice.Component;
import org.ice4j.ice.IceMediaStream;
import org.ice4j.ice.IceProcessingState;
import org.ice4j.ice.KeepAliveStrategy;
import org.ice4j.ice.LocalCandidate;
import org.ice4j.ice.RemoteCandidate;
import org.jspecify.annotations.Nullable;

import java.beans.PropertyChangeEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of ice4j's checks, from the parameters of both sides to a selected pair or failure, after
 * which it is of no more use and is closed. Used on the loop's thread alone; ice4j calls back on
 * threads of its own, and all of that is handed to the loop.
 */
final class Checks implements AutoCloseable {
    /**
     * Until the first check leaves; ice4j looks for a pair too early, and then again after this.
     */
    private static final long EAGER_PACE_MILLIS = 1;

    /** RFC 8445 §14.2 allows no less. Between checks, for the first second. */
    private static final long FIRST_PACE_MILLIS = 5;

    private static final long LATER_PACE_MILLIS = 20;
    private static final long FIRST_PACE_NANOS = 1_000_000_000;

    /** What a direct pair over UDP is waited for when a relayed or a TCP one works already. */
    private static final long DIRECT_PATIENCE_NANOS = 300_000_000;

    static {
        Ice4jLogs.quieten();
    }

    private final IceLoop loop;
    private final Events events;
    private final Ice4jAgent agent;
    private final IceMediaStream stream;
    private final Component component;
    private final Map<Place, LocalEnd> ends = new HashMap<>();
    private final List<CandidatePair> valid = new ArrayList<>();
    private final List<IceLoop.Timer> timers = new ArrayList<>();
    private volatile boolean paced;
    private boolean started;
    private boolean nominated;
    private boolean closed;

    /** Who is told, on the loop's thread; never after {@link #close}. */
    interface Events {
        /** Sends a message of ice4j's, and if it is a request, sees that the answer comes here. */
        void transmit(byte[] message, LocalEnd from, TransportAddress to);

        /** The first pair whose check was answered; packets get through. */
        void usable(Pair pair);

        void selected(Pair pair, boolean controlling);

        void failed(boolean controlling);
    }

    /**
     * What won.
     *
     * @param mapped the address the peer sees us by
     */
    record Pair(LocalEnd local, TransportAddress mapped, TransportAddress remote, Kind kind) {}

    /** ice4j's addresses are equal over UDP and TCP. */
    private record Place(TransportAddress address, boolean tcp) {
        static Place of(LocalEnd end) {
            return new Place(end.address(), end.isTcp());
        }

        static Place of(org.ice4j.TransportAddress address) {
            boolean tcp = address.getTransport() == Transport.TCP;
            return new Place(TransportAddress.of(address), tcp);
        }
    }

    /** Who we are in these checks. */
    record Identity(
            IceParameters local, IceParameters remote, boolean controlling, long tieBreaker) {}

    Checks(IceLoop loop, Identity identity, List<? extends LocalEnd> locals, Events events) {
        this.loop = loop;
        this.events = events;
        agent = new Ice4jAgent(identity.local, this::transmitLater);
        agent.setControlling(identity.controlling);
        agent.setTieBreaker(identity.tieBreaker);
        agent.setTa(EAGER_PACE_MILLIS);
        List<LocalEnd> hosts = new ArrayList<>();
        for (LocalEnd end : locals) if (end.kind() == Kind.HOST) hosts.add(end);
        for (LocalEnd end : locals) ends.put(Place.of(end), end);
        agent.offer(hosts);
        stream = agent.createMediaStream("data");
        stream.setRemoteUfrag(identity.remote.usernameFragment());
        stream.setRemotePassword(identity.remote.password());
        try {
            component = agent.createComponent(stream, KeepAliveStrategy.SELECTED_ONLY, false);
        } catch (IOException e) {
            throw new AssertionError("there is no socket to fail", e);
        }
        for (LocalEnd end : locals) if (end.kind() != Kind.HOST) addLocal(end);
        agent.addStateChangeListener(this::stateChanged);
        stream.addPairChangeListener(this::pairChanged);
    }

    /** Loads ice4j's classes, which takes some 100 ms, and not on a loop's thread. */
    static void warmUp() {
        Ice4jAgent.warmUp();
    }

    void start() {
        started = true;
        timers.add(loop.schedule(FIRST_PACE_NANOS, () -> agent.setTa(LATER_PACE_MILLIS)));
        agent.startConnectivityEstablishment();
    }

    boolean isControlling() {
        return agent.isControlling();
    }

    /** Adds an end at any time, and pairs it with the remote candidates that are known. */
    void addLocal(LocalEnd end) {
        ends.put(Place.of(end), end);
        LocalCandidate candidate = Ice4jAgent.candidate(end, component);
        if (!component.addLocalCandidate(candidate) || !started) return;
        for (RemoteCandidate remote : component.getRemoteCandidates()) {
            if (candidate.canReach(remote)) {
                stream.getCheckList().add(agent.pair(candidate, remote));
            }
        }
    }

    /** Adds a candidate with an IP address, at any time. */
    void addRemote(TransportAddress address, IceCandidate it) {
        RemoteCandidate candidate =
                new RemoteCandidate(
                        Ice4jAgent.address(address, it.protocol()),
                        component,
                        type(it.kind()),
                        it.foundation(),
                        it.priority(),
                        null);
        if (!started) {
            component.addRemoteCandidate(candidate);
            return;
        }
        component.addUpdateRemoteCandidates(candidate);
        component.updateRemoteCandidates();
    }

    /** Takes a message whose sender has been authenticated. */
    void received(byte[] message, LocalEnd at, TransportAddress from) {
        agent.received(message, Ice4jAgent.address(at), Ice4jAgent.address(from, at.protocol()));
    }

    private void transmitLater(
            byte[] message, org.ice4j.TransportAddress from, org.ice4j.TransportAddress to) {
        if (!paced && CheckMessages.isRequest(message)) {
            paced = true;
            agent.setTa(FIRST_PACE_MILLIS); // counts from this check on
        }
        TransportAddress destination = TransportAddress.of(to);
        loop.execute(
                () -> {
                    LocalEnd end = ends.get(Place.of(from));
                    if (end != null && !closed) events.transmit(message, end, destination);
                });
    }

    private void pairChanged(PropertyChangeEvent event) {
        if (!IceMediaStream.PROPERTY_PAIR_VALIDATED.equals(event.getPropertyName())) return;
        if (event.getSource() instanceof CandidatePair pair) loop.execute(() -> validated(pair));
    }

    /** Nomination is ours: ice4j would sleep on a thread of its own to wait for a direct pair. */
    private void validated(CandidatePair pair) {
        if (closed || valid.contains(pair)) return;
        valid.add(pair);
        Pair named = valid.size() == 1 ? named(pair) : null;
        if (named != null) events.usable(named);
        if (closed || nominated || !agent.isControlling()) return;
        boolean direct =
                ends.values().stream().anyMatch(end -> end.kind() == Kind.HOST && !end.isTcp());
        if (!isSecondBest(pair) || !direct) {
            nominate(pair);
        } else if (valid.size() == 1) {
            timers.add(loop.schedule(DIRECT_PATIENCE_NANOS, this::nominateBest));
        }
    }

    private static boolean isSecondBest(CandidatePair pair) {
        return pair.getLocalCandidate().getTransport() == Transport.TCP
                || pair.getLocalCandidate().getBase().getType() == CandidateType.RELAYED_CANDIDATE
                || pair.getRemoteCandidate().getType() == CandidateType.RELAYED_CANDIDATE;
    }

    private void nominateBest() {
        if (closed || nominated || !agent.isControlling()) return;
        CandidatePair best = valid.getFirst();
        for (CandidatePair pair : valid) if (pair.getPriority() > best.getPriority()) best = pair;
        nominate(best);
    }

    private void nominate(CandidatePair pair) {
        nominated = true;
        agent.nominate(pair);
    }

    private void stateChanged(PropertyChangeEvent event) {
        Object state = event.getNewValue();
        if (state == IceProcessingState.COMPLETED) loop.execute(this::completed);
        else if (state == IceProcessingState.FAILED) loop.execute(this::failed);
    }

    private void failed() {
        if (!closed) events.failed(agent.isControlling());
    }

    private void completed() {
        if (closed) return;
        Pair pair = selected();
        if (pair == null) events.failed(agent.isControlling());
        else events.selected(pair, agent.isControlling());
    }

    private @Nullable Pair selected() {
        CandidatePair pair = component.getSelectedPair();
        return pair == null ? null : named(pair);
    }

    private @Nullable Pair named(CandidatePair pair) {
        LocalCandidate local = pair.getLocalCandidate();
        LocalEnd end = ends.get(Place.of(local.getBase().getTransportAddress()));
        if (end == null) return null;
        return new Pair(
                end,
                TransportAddress.of(local.getTransportAddress()),
                TransportAddress.of(pair.getRemoteCandidate().getTransportAddress()),
                kind(pair.getRemoteCandidate().getType()));
    }

    private static CandidateType type(Kind kind) {
        return switch (kind) {
            case HOST -> CandidateType.HOST_CANDIDATE;
            case SRFLX -> CandidateType.SERVER_REFLEXIVE_CANDIDATE;
            case PRFLX -> CandidateType.PEER_REFLEXIVE_CANDIDATE;
            case RELAY -> CandidateType.RELAYED_CANDIDATE;
        };
    }

    private static Kind kind(CandidateType type) {
        return switch (type) {
            case HOST_CANDIDATE -> Kind.HOST;
            case RELAYED_CANDIDATE -> Kind.RELAY;
            case PEER_REFLEXIVE_CANDIDATE -> Kind.PRFLX;
            default -> Kind.SRFLX;
        };
    }

    /** Ends all of it. ice4j's locks are not held by us, nor is anything waited for. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        for (IceLoop.Timer timer : timers) timer.cancel();
        agent.free();
    }
}
