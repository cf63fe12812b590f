package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Checks over a wire that loses datagrams in both directions. */
final class LossyPathTest {
    private static InetSocketAddress ipv4(IcePort port) {
        return port.localAddresses().stream()
                .filter(address -> address.getAddress() instanceof Inet4Address)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"0.1, 1", "0.3, 2", "0.3, 3"})
    void connectsAndStaysConnected(double loss, long seed) throws Exception {
        // asked often, so that the test sees many answers lost in little time
        IceOptions options =
                IceOptions.defaults()
                        .withConsent(
                                Duration.ofMillis(50),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(30))
                        .withCheckTimeout(Duration.ofSeconds(50));
        try (IcePort left = IcePort.open(IcePortOptions.loopbackOnly());
                IcePort right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
                LossyWire wire = new LossyWire(ipv4(left), ipv4(right), loss, seed);
                TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            first.session.gather();
            second.session.gather();
            TestPeer.exchange(first, second);
            first.session.addRemoteCandidate(wire.secondForFirst());
            second.session.addRemoteCandidate(wire.firstForSecond());
            first.awaitConnected();
            second.awaitConnected();
            assertEquals(wire.secondForFirst().port(), first.pair().remoteAddress().getPort());
            do first.send("through");
            while (second.packets.isEmpty());
            first.await("answers", () -> first.session.stats().consentResponses() >= 1);
            assertFalse(first.states.contains(IceState.DISCONNECTED), first + " seed " + seed);
        }
    }
}
