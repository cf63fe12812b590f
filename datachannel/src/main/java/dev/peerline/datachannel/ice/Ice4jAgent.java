package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;

import org.ice4j.Transport;
import org.ice4j.ice.Agent;
import org.ice4j.ice.Candidate;
import org.ice4j.ice.CandidateExtendedType;
import org.ice4j.ice.CandidatePair;
import org.ice4j.ice.CandidateType;
import org.ice4j.ice.Component;
import org.ice4j.ice.HostCandidate;
import org.ice4j.ice.LocalCandidate;
import org.ice4j.ice.NominationStrategy;
import org.ice4j.ice.RemoteCandidate;
import org.ice4j.ice.harvest.AbstractCandidateHarvester;
import org.ice4j.socket.IceSocketWrapper;
import org.ice4j.stack.DirectStunStack;
import org.ice4j.stack.StunStack;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * ice4j's agent without its sockets, harvesters, threads and credentials: these are given to it.
 * The parameters are ours so that a second agent can go on where one has failed for good.
 */
final class Ice4jAgent extends Agent {
    private static final String AWS = "ice4j.harvest.mapping.aws.enabled";

    static {
        // Else the first agent of a process asks 169.254.169.254 whether this is a machine of AWS.
        if (System.getProperty(AWS) == null) System.setProperty(AWS, "false");
    }

    private final IceParameters parameters;
    private final Transmitter transmitter;
    private @Nullable DirectStunStack stack;

    /** Takes what ice4j sends, on any of its threads. */
    interface Transmitter {
        void transmit(
                byte[] message, org.ice4j.TransportAddress from, org.ice4j.TransportAddress to);
    }

    Ice4jAgent(IceParameters parameters, Transmitter transmitter) {
        this.parameters = parameters;
        this.transmitter = transmitter;
        setUseDynamicPorts(false);
        setTrickling(true);
        setPerformConsentFreshness(false);
        setNominationStrategy(NominationStrategy.NONE);
    }

    static void warmUp() {
        Warm.touch();
    }

    private static final class Warm {
        private static final IceParameters NOBODY = new IceParameters("none", "x".repeat(22));

        static {
            new Ice4jAgent(NOBODY, (message, from, to) -> {}).free();
        }

        static void touch() {}
    }

    /** Called by the constructor of {@link Agent}, before there are fields. */
    @Override
    public synchronized StunStack getStunStack() {
        DirectStunStack it = stack;
        if (it == null) {
            it =
                    new DirectStunStack() {
                        @Override
                        protected void transmit(
                                byte[] message,
                                org.ice4j.TransportAddress from,
                                org.ice4j.TransportAddress to) {
                            transmitter.transmit(message, from, to);
                        }
                    };
            stack = it;
        }
        return it;
    }

    @Override
    public String getLocalUfrag() {
        return parameters.usernameFragment();
    }

    @Override
    public String getLocalPassword() {
        return parameters.password();
    }

    void received(byte[] message, org.ice4j.TransportAddress at, org.ice4j.TransportAddress from) {
        if (getStunStack() instanceof DirectStunStack it) it.received(message, at, from);
    }

    CandidatePair pair(LocalCandidate local, RemoteCandidate remote) {
        return createCandidatePair(local, remote);
    }

    /** What the component to come has from the start. */
    void offer(List<LocalEnd> hosts) {
        addCandidateHarvester(new Harvester(hosts));
    }

    private static final class Harvester extends AbstractCandidateHarvester {
        private final List<LocalEnd> hosts;

        Harvester(List<LocalEnd> hosts) {
            this.hosts = hosts;
        }

        @Override
        public boolean isHostHarvester() {
            return true;
        }

        @Override
        public Collection<LocalCandidate> harvest(Component component) {
            List<LocalCandidate> added = new ArrayList<>();
            for (LocalEnd host : hosts) {
                LocalCandidate candidate = candidate(host, component);
                if (component.addLocalCandidate(candidate)) added.add(candidate);
            }
            return added;
        }
    }

    static LocalCandidate candidate(LocalEnd end, Component component) {
        return end.kind() == IceCandidate.Kind.HOST
                ? new Host(end, component)
                : new Relay(end, component);
    }

    static org.ice4j.TransportAddress address(
            TransportAddress address, IceCandidate.Protocol protocol) {
        Transport transport = protocol == IceCandidate.Protocol.TCP ? Transport.TCP : Transport.UDP;
        return new org.ice4j.TransportAddress(address.inetAddress(), address.port(), transport);
    }

    static org.ice4j.TransportAddress address(LocalEnd end) {
        return address(end.address(), end.protocol());
    }

    private static final class Host extends HostCandidate {
        private final LocalEnd end;

        Host(LocalEnd end, Component component) {
            super(address(end), component);
            this.end = end;
        }

        @Override
        public long computePriorityForType(CandidateType type) {
            return priority(end, type);
        }

        @Override
        public boolean canReach(Candidate<?> remote) {
            return super.canReach(remote)
                    && end.reaches(TransportAddress.of(remote.getTransportAddress()));
        }
    }

    private static final class Relay extends LocalCandidate {
        private final LocalEnd end;

        Relay(LocalEnd end, Component component) {
            super(
                    address(end),
                    component,
                    CandidateType.RELAYED_CANDIDATE,
                    CandidateExtendedType.TURN_RELAYED_CANDIDATE,
                    null);
            this.end = end;
            setBase(this);
            setRelayServerAddress(getTransportAddress()); // its foundation is made of it
        }

        @Override
        public long computePriorityForType(CandidateType type) {
            return priority(end, type);
        }

        @Override
        protected @Nullable IceSocketWrapper getCandidateIceSocketWrapper() {
            return null;
        }
    }

    private static long priority(LocalEnd end, CandidateType type) {
        // checks ask what a peer-reflexive candidate through this end would have
        boolean reflexive =
                type == CandidateType.PEER_REFLEXIVE_CANDIDATE && end.typePreference() > 2;
        return CandidatePriority.of(
                reflexive ? end.reflexivePreference() : end.typePreference(),
                end.localPreference());
    }
}
