package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.ice.IceServer.Kind;
import dev.peerline.datachannel.ice.IceServer.TlsTrust;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.RelayServer;
import dev.peerline.turn.Tls;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Sessions through our own relay. */
final class TurnRelayTest {
    @TempDir private static Path folder;
    private static RelayServer relay;

    @BeforeAll
    static void start() throws Exception {
        ServerCertificate files = ServerCertificate.write(folder);
        List<InetSocketAddress> any =
                List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        RelayConfig.Peers loopback =
                new RelayConfig.Peers(List.of(AddressRange.parse("127.0.0.0/8")), List.of(), false);
        RelayConfig config =
                RelayConfig.on(any)
                        .with(loopback)
                        .withTls(any, new Tls(files.certificate(), files.key()));
        relay = RelayServer.start(config, StaticUsers.parse(List.of("user:pass", "next:word")));
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    private static IceServer server(Kind kind) {
        boolean tls = kind == Kind.TURN_TLS;
        List<InetSocketAddress> places = tls ? relay.tlsAddresses() : relay.addresses();
        return RelayedPaths.server(kind, places.getFirst().getPort());
    }

    @ParameterizedTest
    @EnumSource(names = {"TURN_UDP", "TURN_TCP", "TURN_TLS"})
    void connectsThroughTheRelay(Kind kind) throws Exception {
        RelayedPaths.connectsToAHost(server(kind));
    }

    @ParameterizedTest
    @EnumSource(names = {"TURN_UDP", "TURN_TCP", "TURN_TLS"})
    void connectsFromRelayToRelay(Kind kind) throws Exception {
        RelayedPaths.connectsToAnotherRelay(server(kind));
    }

    @Test
    void prefersTheDirectPath() throws Exception {
        IceOptions both = IceOptions.defaults().withServers(List.of(server(Kind.TURN_UDP)));
        try (IcePort left = IcePort.open(IcePortOptions.loopbackOnly());
                IcePort right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
                TestPeer first = new TestPeer(left, both);
                TestPeer second = new TestPeer(right, both)) {
            TestPeer.connect(first, second);
            first.awaitState(IceState.COMPLETED);
            second.awaitState(IceState.COMPLETED);
            assertEquals(IceCandidate.Kind.HOST, first.pair().local());
            boolean relayed =
                    first.candidates.stream().anyMatch(it -> it.kind() == IceCandidate.Kind.RELAY);
            assertTrue(relayed, first.toString());
        }
    }

    @Test
    void givesTheAllocationBack() throws Exception {
        long before = relay.metrics().count(Counter.ALLOCATIONS_MADE);
        RelayedPaths.connectsToAHost(server(Kind.TURN_UDP));
        assertEquals(before + 1, relay.metrics().count(Counter.ALLOCATIONS_MADE));
    }

    /** W3C: setConfiguration, then restartIce. */
    @Test
    void aRestartAllocatesWithTheCredentialsOfNowAndThenGivesTheOldAllocationBack()
            throws Exception {
        IceServer old = server(Kind.TURN_UDP);
        IceServer next = IceServer.turn(Kind.TURN_TCP, old.host(), old.port(), "next", "word");
        IceOptions before = IceOptions.defaults().withServers(List.of(old)).withRelayOnly(true);
        try (IcePort left = IcePort.open(IcePortOptions.loopbackOnly());
                IcePort right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
                TestPeer first = new TestPeer(left, before);
                TestPeer second = new TestPeer(right, IceOptions.defaults())) {
            TestPeer.connect(first, second);
            first.awaitState(IceState.COMPLETED);
            second.awaitState(IceState.COMPLETED);
            InetSocketAddress relayed = first.pair().localAddress();
            long ended = relay.metrics().count(Counter.ALLOCATIONS_ENDED);
            first.session.setOptions(before.withServers(List.of(next)));
            first.session.restart();
            second.session.restart();
            assertTrue(first.send("still"));
            assertEquals("still", second.receive());
            TestPeer.exchange(first, second);
            first.await("another relay", () -> !first.pair().localAddress().equals(relayed));
            assertEquals("tcp", first.pair().relayProtocol());
            first.await("release", () -> relay.metrics().count(Counter.ALLOCATIONS_ENDED) > ended);
            second.await(
                    "the same",
                    () -> second.pair().remoteAddress().equals(first.pair().localAddress()));
            assertTrue(first.send("there"));
            assertEquals("there", second.receive());
            first.awaitState(IceState.COMPLETED);
        }
    }

    private static TestPeer gathered(IcePort port, IceServer server, Duration timeout)
            throws InterruptedException {
        IceOptions options =
                IceOptions.defaults()
                        .withServers(List.of(server))
                        .withRelayOnly(true)
                        .withGatherTimeout(timeout);
        TestPeer peer = new TestPeer(port, options);
        peer.session.gather();
        peer.await("error", () -> !peer.errors.isEmpty());
        return peer;
    }

    @ParameterizedTest
    @EnumSource(names = {"TURN_UDP", "TURN_TCP", "TURN_TLS"})
    void saysThatTheCredentialIsWrong(Kind kind) throws Exception {
        IceServer good = server(kind);
        IceServer wrong =
                IceServer.turn(kind, good.host(), good.port(), "user", "wrong")
                        .withTrust(TlsTrust.ANY);
        try (IcePort port = IcePort.open(IcePortOptions.loopbackOnly());
                TestPeer peer = gathered(port, wrong, Duration.ofSeconds(30))) {
            String error = peer.errors.getFirst();
            assertTrue(error.contains(" 401 ") && error.contains("credential"), error);
            peer.await("end", () -> peer.session.gatheringState() == IceGatheringState.COMPLETE);
        }
    }

    @Test
    void saysThatTheCertificateIsNotTrusted() throws Exception {
        IceServer strict = server(Kind.TURN_TLS).withTrust(TlsTrust.SYSTEM);
        try (IcePort port = IcePort.open(IcePortOptions.loopbackOnly());
                TestPeer peer = gathered(port, strict, Duration.ofSeconds(30))) {
            String error = peer.errors.getFirst();
            assertTrue(error.contains("certificate"), error);
        }
    }

    @Test
    void saysThatNobodyAnswers() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                IcePort port = IcePort.open(IcePortOptions.loopbackOnly());
                TestPeer peer =
                        gathered(
                                port,
                                RelayedPaths.server(Kind.TURN_UDP, silent.getLocalPort()),
                                Duration.ofMillis(300))) {
            String error = peer.errors.getFirst();
            assertTrue(error.contains("no answer"), error);
        }
    }
}
