package dev.peerline.server.relay;

import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.ice.IceServer;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.RelayServer;
import dev.peerline.turn.auth.TimeLimitedSecrets;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The relay inside of {@code serve}. Started, drained and closed by one thread. */
public final class BuiltInRelay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(BuiltInRelay.class.getName());

    private final BuiltInRelayPlan plan;
    private final RelayServer relay;
    private final SelfTest test;

    private BuiltInRelay(BuiltInRelayPlan plan, RelayServer relay, SelfTest test) {
        this.plan = plan;
        this.relay = relay;
        this.test = test;
    }

    /**
     * Starts; where the plan allows, on another port when the usual one is taken.
     *
     * @throws BindException when the port is not to be had; the message names it and the option
     */
    public static BuiltInRelay start(BuiltInRelayPlan plan) throws IOException {
        try {
            return start(plan, plan.config());
        } catch (BindException problem) {
            if (!plan.mayMove())
                throw new BindException(
                        problem.getMessage()
                                + " (choose another with --turn-port, 0 for any free one, or"
                                + " --no-relay)");
        }
        BuiltInRelay moved = start(plan, plan.onAnyPort());
        LOG.log(
                Level.WARNING,
                "event=turn-port-taken wanted=%d taken=%d hint=\"--turn-port says which\""
                        .formatted(
                                plan.config().listeners().plain().getFirst().getPort(),
                                moved.port()));
        return moved;
    }

    private static BuiltInRelay start(BuiltInRelayPlan plan, RelayConfig config)
            throws IOException {
        TimeLimitedSecrets credentials = new TimeLimitedSecrets(plan.secrets());
        SelfTest test = SelfTest.of(credentials);
        RelayServer relay =
                RelayServer.start(config, plan.selfTest() ? test.credentials() : credentials);
        if (plan.selfTest()) test.start(relay);
        return new BuiltInRelay(plan, relay, test);
    }

    public RelayServer server() {
        return relay;
    }

    /** UDP and TCP. */
    public int port() {
        return relay.addresses().getFirst().getPort();
    }

    /** Where peers find it, for the log. */
    public String url() {
        return "turn:" + hosts().getFirst() + ":" + port();
    }

    private List<String> hosts() {
        List<InetAddress> told = plan.hosts().isEmpty() ? relay.announced() : plan.hosts();
        return told.stream().map(IpLiteral::inUrl).toList();
    }

    /**
     * What peers are told: STUN, and TURN with credentials made for each of them.
     *
     * @param tlsPort where TURN over TLS is served too; -1 for nowhere
     */
    public List<IceServer> iceServers(int tlsPort) {
        List<String> stun = new ArrayList<>();
        List<String> turn = new ArrayList<>();
        for (String host : hosts()) {
            stun.add("stun:" + host + ":" + port());
            turn.add("turn:" + host + ":" + port() + "?transport=udp");
            turn.add("turn:" + host + ":" + port() + "?transport=tcp");
        }
        String name = plan.tlsName();
        if (tlsPort >= 0 && name != null)
            turn.add("turns:" + name + ":" + tlsPort + "?transport=tcp");
        return List.of(
                new IceServer(stun, null),
                new IceServer(turn, IceServer.shared(plan.secrets().getFirst())));
    }

    /** No client ever reaches these through the relay. */
    public void protect(List<InetSocketAddress> listeners) {
        listeners.forEach(relay::protect);
    }

    public String metrics() {
        return relay.metrics().prometheus();
    }

    /** New clients are refused from now on. */
    public void startDraining() throws IOException {
        relay.drain();
    }

    @Override
    public void close() {
        test.close();
        relay.close();
    }
}
