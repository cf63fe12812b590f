package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Two sessions that find each other over TCP (RFC 6544). */
final class TcpSessionTest {
    private static final IcePortOptions LOOPBACK = IcePortOptions.loopbackOnly();
    private static final TcpOptions PASSIVE = TcpOptions.none().withPassive(0);
    private static final TcpOptions ACTIVE = TcpOptions.none().withActive(true);

    private static @Nullable IceCandidate tcpAlone(@Nullable IceCandidate it) {
        return it != null && it.protocol() == IceCandidate.Protocol.TCP ? it : null;
    }

    /** Two that tell each other of no UDP candidate. */
    private record Pair(IcePort left, IcePort right, TestPeer first, TestPeer second)
            implements AutoCloseable {
        static Pair of(TcpOptions one, TcpOptions other, IceOptions options) throws Exception {
            IcePort left = IcePort.open(LOOPBACK.withTcp(one));
            IcePort right = IcePort.open(LOOPBACK.withTcp(other), left.loop());
            TestPeer first = new TestPeer(left, options);
            TestPeer second = new TestPeer(right, options);
            first.tells = TcpSessionTest::tcpAlone;
            second.tells = TcpSessionTest::tcpAlone;
            return new Pair(left, right, first, second);
        }

        void awaitTcp() throws Exception {
            first.awaitConnected();
            second.awaitConnected();
            assertEquals(IceCandidate.Protocol.TCP, first.pair().protocol());
            assertEquals(IceCandidate.Protocol.TCP, second.pair().protocol());
            talk();
        }

        void talk() throws Exception {
            assertTrue(first.send("here"));
            assertEquals("here", second.receive());
            assertTrue(second.send("there"));
            assertEquals("there", first.receive());
        }

        @Override
        public void close() {
            first.close();
            second.close();
            right.close();
            left.close();
        }
    }

    @Test
    void theControllingSideConnects() throws Exception {
        try (Pair pair = Pair.of(ACTIVE, PASSIVE, IceOptions.defaults())) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
            // an end of one's own connection has no candidate; the peer learns of it by its check
            assertEquals(IceCandidate.Kind.PRFLX, pair.second.pair().remote());
            assertEquals(IceCandidate.Kind.HOST, pair.first.pair().remote());
        }
    }

    @Test
    void theControlledSideConnects() throws Exception {
        try (Pair pair = Pair.of(PASSIVE, ACTIVE, IceOptions.defaults())) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
        }
    }

    @Test
    void bothConnectAndOneConnectionIsChosen() throws Exception {
        TcpOptions both = PASSIVE.withActive(true);
        try (Pair pair = Pair.of(both, both, IceOptions.defaults())) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
            pair.first.awaitState(IceState.COMPLETED);
            pair.second.awaitState(IceState.COMPLETED);
            pair.talk();
        }
    }

    @Test
    void udpIsPreferred() throws Exception {
        TcpOptions both = PASSIVE.withActive(true);
        try (Pair pair = Pair.of(both, both, IceOptions.defaults())) {
            pair.first.tells = UnaryOperator.identity();
            pair.second.tells = UnaryOperator.identity();
            TestPeer.connect(pair.first, pair.second);
            pair.first.awaitState(IceState.COMPLETED);
            pair.second.awaitState(IceState.COMPLETED);
            assertEquals(IceCandidate.Protocol.UDP, pair.first.pair().protocol());
            assertEquals(IceCandidate.Protocol.UDP, pair.second.pair().protocol());
        }
    }

    @Test
    void offersItsListenerAsAPassiveCandidateBelowUdp() throws Exception {
        try (Pair pair = Pair.of(PASSIVE, ACTIVE, IceOptions.defaults())) {
            pair.first.session.gather();
            pair.first.await(
                    "tcp",
                    () -> pair.first.candidates.stream().anyMatch(it -> it.tcpType() != null));
            for (IceCandidate each : pair.first.candidates) {
                if (each.tcpType() == null) continue;
                assertEquals(IceCandidate.TcpType.PASSIVE, each.tcpType());
                assertEquals(pair.left.localAddresses().getFirst().getPort(), each.port());
                // RFC 6544 §4.2: 2^13 * direction-pref + other-pref; 4 for passive hosts
                assertEquals(90, each.priority() >> 24);
                assertEquals(4, each.priority() >> 21 & 7);
            }
        }
    }

    @Test
    void aRestartGoesOverAnotherConnection() throws Exception {
        try (Pair pair = Pair.of(ACTIVE, PASSIVE, IceOptions.defaults())) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
            InetSocketAddress before = pair.first.pair().localAddress();
            pair.first.session.restart();
            pair.second.session.restart();
            pair.talk();
            TestPeer.exchange(pair.first, pair.second);
            pair.first.await("other pair", () -> !pair.first.pair().localAddress().equals(before));
            pair.second.await(
                    "other pair",
                    () ->
                            pair.second
                                    .pair()
                                    .remoteAddress()
                                    .equals(pair.first.pair().localAddress()));
            pair.talk();
        }
    }

    private static @Nullable IceCandidate at(
            @Nullable IceCandidate it, InetSocketAddress target, int port) {
        if (it == null || it.protocol() != IceCandidate.Protocol.TCP) return null;
        if (it.port() != target.getPort() || !it.address().equals("127.0.0.1")) return null;
        return IceCandidate.parse(
                it.toString().replace(" " + it.port() + " typ", " " + port + " typ"));
    }

    private static TcpProxy between(Pair pair) throws Exception {
        InetSocketAddress target =
                pair.right.localAddresses().stream()
                        .filter(it -> it.getAddress() instanceof Inet4Address)
                        .findFirst()
                        .orElseThrow();
        TcpProxy proxy = new TcpProxy(target);
        pair.second.tells = it -> at(it, target, proxy.port());
        return proxy;
    }

    @Test
    void goesOnOverAnotherConnectionWhenOneIsCut() throws Exception {
        try (Pair pair = Pair.of(ACTIVE, PASSIVE, IceOptions.defaults());
                TcpProxy proxy = between(pair)) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
            pair.first.await("keeping", () -> pair.first.session.stats().consentResponses() > 0);
            pair.second.await("keeping", () -> pair.second.session.stats().consentResponses() > 0);
            InetSocketAddress before = pair.second.pair().remoteAddress();
            int pairs = pair.first.pairs.size();
            proxy.cut();
            pair.first.await("a move", () -> pair.first.pairs.size() > pairs);
            pair.first.awaitConnected();
            pair.second.await("a move", () -> !pair.second.pair().remoteAddress().equals(before));
            pair.second.awaitConnected();
            pair.talk();
            assertTrue(pair.first.states.contains(IceState.DISCONNECTED), pair.first.toString());
            assertFalse(pair.first.states.contains(IceState.FAILED), pair.first.toString());
        }
    }

    @Test
    void failsWhenTheConnectionIsCutForGood() throws Exception {
        IceOptions quick =
                IceOptions.defaults()
                        .withConsent(
                                Duration.ofMillis(100),
                                Duration.ofMillis(600),
                                Duration.ofMillis(1500));
        try (Pair pair = Pair.of(ACTIVE, PASSIVE, quick);
                TcpProxy proxy = between(pair)) {
            TestPeer.connect(pair.first, pair.second);
            pair.awaitTcp();
            pair.first.await("keeping", () -> pair.first.session.stats().consentResponses() > 0);
            proxy.refuse();
            pair.first.awaitState(IceState.FAILED);
            pair.second.awaitState(IceState.FAILED);
            assertTrue(pair.first.states.contains(IceState.DISCONNECTED), pair.first.toString());
            assertFalse(pair.first.send("anybody?"));
        }
    }

    /** A peer could have us talk to whatever listens where we can reach it. */
    @Test
    void connectsToNoServicesOfOurs() {
        for (String text :
                new String[] {"10.0.0.1 22", "8.8.8.8 22", "127.0.0.1 80", "192.168.1.1 443"})
            assertFalse(Dialer.isAllowed(address(text)), text);
        for (String text : new String[] {"8.8.8.8 443", "8.8.8.8 80", "10.0.0.1 1024"})
            assertTrue(Dialer.isAllowed(address(text)), text);
        for (String text : new String[] {"fd00::1 443", "::1 443", "2001:db8::1 25"})
            assertFalse(Dialer.isAllowed(address(text)), text);
        assertTrue(Dialer.isAllowed(address("2001:db8::1 443")));
    }

    private static TransportAddress address(String text) {
        String[] parts = text.split(" ", 2);
        return TransportAddress.of(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]));
    }
}
