package dev.peerline.datachannel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.peerline.datachannel.TestPeers.Ends;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.datachannel.ice.IceServer.Kind;
import dev.peerline.datachannel.ice.SelectedPair;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.RelayServer;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.policy.AddressRange;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;

/** Credentials of TURN servers expire; a connection that restarts has others by then. */
final class SetConfigurationTest {
    private static final RelayConfig CONFIG =
            RelayConfig.on(List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)))
                    .with(
                            new RelayConfig.Peers(
                                    List.of(AddressRange.parse("127.0.0.0/8")), List.of(), false));

    private static IceOptions relayed(RelayServer relay, String user) {
        int port = relay.addresses().getFirst().getPort();
        IceServer server = IceServer.turn(Kind.TURN_UDP, "127.0.0.1", port, user, "pass");
        return IceOptions.defaults().withServers(List.of(server)).withRelayOnly(true);
    }

    private static SelectedPair pair(PeerConnection connection) {
        return Objects.requireNonNull(connection.selectedPair());
    }

    @Test
    void restartsWithOtherCredentialsWhenThoseOfBeforeHaveExpired() throws Exception {
        try (RelayServer relay =
                RelayServer.start(CONFIG, StaticUsers.parse(List.of("monday:pass")))) {
            PeerConnectionOptions defaults = PeerConnectionOptions.defaults();
            try (TestPeers peers =
                    new TestPeers(defaults.withIce(relayed(relay, "monday")), defaults)) {
                Ends ends = peers.open("x");
                SelectedPair before = pair(peers.a);
                assertEquals(IceCandidate.Kind.RELAY, before.local());
                relay.reload(CONFIG, StaticUsers.parse(List.of("tuesday:pass")));
                peers.a.setConfiguration(relayed(relay, "tuesday"));
                peers.a.restartIce();
                TestPeers.exchange(peers.a, peers.b);
                TestPeers.until(() -> !pair(peers.a).localAddress().equals(before.localAddress()));
                assertEquals(IceCandidate.Kind.RELAY, pair(peers.a).local());
                assertNotEquals(before, pair(peers.a));
                TestPeers.get(ends.a().send("after"));
                assertEquals("after", ends.inB().next().text());
                TestPeers.get(ends.b().send("and back"));
                assertEquals("and back", ends.inA().next().text());
            }
        }
    }
}
