package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.ice.IceServer.Kind;
import dev.peerline.datachannel.ice.IceServer.TlsTrust;

import java.util.List;

/** What a session through a TURN server must do, whoever made the server. */
final class RelayedPaths {
    private static final String USER = "user";
    private static final String PASSWORD = "pass";

    private RelayedPaths() {}

    static IceServer server(Kind kind, int port) {
        return IceServer.turn(kind, "127.0.0.1", port, USER, PASSWORD).withTrust(TlsTrust.ANY);
    }

    static String protocol(Kind kind) {
        return switch (kind) {
            case TURN_TCP -> "tcp";
            case TURN_TLS -> "tls";
            default -> "udp";
        };
    }

    /** One side is hidden behind the relay, the other is not. */
    static void connectsToAHost(IceServer server) throws Exception {
        IceOptions relayed = IceOptions.defaults().withServers(List.of(server)).withRelayOnly(true);
        try (IcePort left = IcePort.open(IcePortOptions.loopbackOnly());
                IcePort right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
                TestPeer first = new TestPeer(left, relayed);
                TestPeer second = new TestPeer(right, IceOptions.defaults())) {
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            assertEquals(IceCandidate.Kind.RELAY, first.pair().local(), first.toString());
            assertEquals(protocol(server.kind()), first.pair().relayProtocol());
            assertEquals(first.pair().localAddress(), second.pair().remoteAddress());
            carries(first, second);
        }
    }

    /** Both sides are, and each packet goes through two allocations. */
    static void connectsToAnotherRelay(IceServer server) throws Exception {
        IceOptions relayed = IceOptions.defaults().withServers(List.of(server)).withRelayOnly(true);
        try (IcePort left = IcePort.open(IcePortOptions.loopbackOnly());
                IcePort right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
                TestPeer first = new TestPeer(left, relayed);
                TestPeer second = new TestPeer(right, relayed)) {
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            assertEquals(IceCandidate.Kind.RELAY, first.pair().local());
            assertEquals(IceCandidate.Kind.RELAY, second.pair().local());
            carries(first, second);
        }
    }

    /** Packets of all lengths modulo 4, first in indications and then in a channel, both ways. */
    private static void carries(TestPeer first, TestPeer second) throws InterruptedException {
        for (int i = 0; i < 40; i++) {
            String text = "x".repeat(i * 30 + i % 4 + 1);
            assertTrue(first.send(text));
            assertEquals(text, second.receive());
            assertTrue(second.send(text));
            assertEquals(text, first.receive());
        }
    }
}
