package dev.peerline.server.relay;

import dev.peerline.server.http.MonitoringFace;
import dev.peerline.server.metrics.JvmMetrics;
import dev.peerline.server.options.RelayDoorOptions;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.RelayServer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A relay by itself, with what an operator needs around it. {@link #reload} and {@link #drain} may
 * be called from any thread.
 */
public final class RunningRelay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RunningRelay.class.getName());

    private final RelayServer relay;
    private final SelfTest test;
    private final @Nullable MonitoringFace monitoring;
    private volatile RelayPlan plan;
    private volatile boolean draining;

    private RunningRelay(
            RelayPlan plan,
            RelayServer relay,
            SelfTest test,
            @Nullable InetSocketAddress metricsPort,
            String version)
            throws IOException {
        this.plan = plan;
        this.relay = relay;
        this.test = test;
        monitoring =
                metricsPort == null
                        ? null
                        : MonitoringFace.open(metricsPort, () -> text(version), () -> draining);
    }

    private String text(String version) {
        return relay.metrics().prometheus() + JvmMetrics.text(version);
    }

    /**
     * Starts; it serves when this returns.
     *
     * @param selfTest whether a packet is relayed through the announced address, in the background
     * @throws BindException when a port is not to be had; the message names it and the option
     */
    public static RunningRelay start(
            RelayPlan plan, RelayDoorOptions door, boolean selfTest, String version)
            throws IOException {
        SelfTest test = SelfTest.of(plan.credentials());
        RelayServer relay;
        try {
            relay =
                    RelayServer.start(
                            plan.config(), selfTest ? test.credentials() : plan.credentials());
        } catch (BindException problem) {
            throw new BindException(
                    problem.getMessage() + " (choose another with --port, --tls-port or --listen)");
        }
        try {
            RunningRelay running = new RunningRelay(plan, relay, test, door.metricsPort, version);
            if (selfTest) test.start(relay);
            return running;
        } catch (IOException | RuntimeException problem) {
            relay.close();
            throw problem;
        }
    }

    public RelayServer server() {
        return relay;
    }

    /** What it goes by now. */
    public RelayPlan plan() {
        return plan;
    }

    /** The port of metrics; -1 without. */
    public int metricsPort() {
        MonitoringFace face = monitoring;
        return face == null ? -1 : face.port();
    }

    /** {@code turn:203.0.113.7:3478}: what a client that may reach it writes. */
    public String url() {
        int port = relay.addresses().getFirst().getPort();
        return "turn:" + RelayAddresses.host(relay.announced()) + ":" + port;
    }

    /**
     * Goes by a new plan; allocations stay.
     *
     * @throws IOException when certificates cannot be read; the old ones stay in use
     */
    public synchronized void reload(RelayPlan next) throws IOException {
        RelayConfig old = plan.config();
        RelayConfig config = next.config();
        if (!old.listeners().plain().equals(config.listeners().plain())
                || !old.listeners().secure().equals(config.listeners().secure())
                || !old.threads().equals(config.threads()))
            LOG.log(
                    Level.WARNING,
                    "event=reload-partial hint=\"listeners and threads change with a restart\"");
        relay.reload(config.with(old.listeners()).with(old.threads()), next.credentials());
        plan = next;
    }

    /**
     * Refuses new allocations, and waits for those that are there to end.
     *
     * @return how many are left
     */
    public int drain(Duration patience) throws InterruptedException, IOException {
        draining = true;
        relay.drain();
        return RelayDrain.await(relay, patience);
    }

    @Override
    public void close() {
        MonitoringFace face = monitoring;
        if (face != null) face.close();
        test.close();
        relay.close();
    }
}
