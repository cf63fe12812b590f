package dev.peerline.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.turn.server.Counter;

import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.Agent;
import org.ice4j.ice.Component;
import org.ice4j.ice.HostCandidate;
import org.ice4j.ice.KeepAliveStrategy;
import org.ice4j.ice.LocalCandidate;
import org.ice4j.ice.RelayedCandidate;
import org.ice4j.ice.harvest.TurnCandidateHarvester;
import org.ice4j.security.LongTermCredential;
import org.ice4j.socket.IceSocketWrapper;
import org.ice4j.socket.IceUdpSocketWrapper;
import org.ice4j.socket.MultiplexingDatagramSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * ice4j as a TURN client: it allocates, binds channels and relays. Over UDP alone: to a server over
 * TCP it puts two bytes of length in front of each message (RFC 4571), which is not TURN (RFC 8656
 * §3.1), so its connection is closed.
 */
final class Ice4jTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int PACKETS = 50;

    /** Kept here because loggers are weakly held. */
    private static final Logger LOG = Logger.getLogger("org.ice4j");

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
    void ice4jRelaysThroughUs() throws Exception {
        Agent agent = agent();
        RelayConfig config = RelayServerTest.config("127.0.0.1");
        try (RelayServer server = RelayServer.start(config, RelayServerTest.users());
                DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
            peer.setSoTimeout(PATIENCE_MILLIS);
            RelayedCandidate relayed = allocate(agent, server.addresses().getFirst());
            assertEquals(LOOPBACK, relayed.getTransportAddress().getAddress());
            IceSocketWrapper socket = relayed.getCandidateIceSocketWrapper();
            for (int i = 0; i < PACKETS; i++) {
                byte[] payload = {(byte) i, 2, 3};
                socket.send(new DatagramPacket(payload, 3, peer.getLocalSocketAddress()));
                DatagramPacket there = new DatagramPacket(new byte[100], 100);
                peer.receive(there);
                assertArrayEquals(payload, content(there));
                assertEquals(relayed.getTransportAddress().getPort(), there.getPort());
                peer.send(new DatagramPacket(payload, 3, there.getSocketAddress()));
                DatagramPacket back = new DatagramPacket(new byte[100], 100);
                socket.receive(back);
                assertArrayEquals(payload, content(back));
            }
            assertEquals(PACKETS, server.metrics().count(Counter.CLIENT_PACKETS));
            assertEquals(PACKETS, server.metrics().count(Counter.PEER_PACKETS));
            socket.close();
            awaitRelease(server);
        } finally {
            agent.free();
        }
    }

    /** With no harvesters and no sockets of its own. */
    private static Agent agent() {
        // It tells each step at INFO, and asks 169.254.169.254 whether this is a machine of AWS
        LOG.setLevel(Level.SEVERE);
        System.setProperty("ice4j.harvest.mapping.aws.enabled", "false");
        Agent agent = new Agent();
        agent.setUseDynamicPorts(false);
        agent.setTrickling(true);
        return agent;
    }

    private static RelayedCandidate allocate(Agent agent, InetSocketAddress server)
            throws IOException {
        Component component =
                agent.createComponent(
                        agent.createMediaStream("data"), KeepAliveStrategy.SELECTED_ONLY, false);
        var socket = new MultiplexingDatagramSocket(0, LOOPBACK);
        HostCandidate host = new HostCandidate(new IceUdpSocketWrapper(socket), component);
        component.addLocalCandidate(host);
        agent.getStunStack().addSocket(host.getStunSocket(null));
        TurnCandidateHarvester harvester =
                new TurnCandidateHarvester(
                        new TransportAddress(server, Transport.UDP),
                        new LongTermCredential("user", "pass"));
        for (LocalCandidate found : harvester.harvest(component))
            if (found instanceof RelayedCandidate relayed) return relayed;
        throw new AssertionError("no relayed candidate");
    }

    private static byte[] content(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** With a Refresh of lifetime 0. */
    private static void awaitRelease(RelayServer server) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (server.metrics().count(Counter.ALLOCATIONS_ENDED) == 0) {
            assertTrue(System.nanoTime() < deadline, "the allocation is still there");
            Thread.onSpinWait();
        }
    }
}
