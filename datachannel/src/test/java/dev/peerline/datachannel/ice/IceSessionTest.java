package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/** Two sessions over loopback sockets. */
final class IceSessionTest {
    private final IceOptions options = IceOptions.defaults();
    private IcePort left;
    private IcePort right;

    @BeforeEach
    void bind() throws Exception {
        left = IcePort.open(IcePortOptions.loopbackOnly());
        right = IcePort.open(IcePortOptions.loopbackOnly(), left.loop());
    }

    @AfterEach
    void close() {
        right.close();
        left.close();
    }

    private static void talk(TestPeer first, TestPeer second) throws InterruptedException {
        assertTrue(first.send("here"));
        assertEquals("here", second.receive());
        assertTrue(second.send("there"));
        assertEquals("there", first.receive());
    }

    @Test
    void connectsAndCarriesPacketsBothWays() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            TestPeer.connect(first, second);
            first.awaitState(IceState.COMPLETED);
            second.awaitState(IceState.COMPLETED);
            talk(first, second);
            assertEquals(IceCandidate.Kind.HOST, first.pair().local());
            assertEquals(
                    first.pair().localAddress(), second.pair().remoteAddress(), second.toString());
            assertEquals(IceState.CHECKING, first.states.getFirst());
            assertFalse(first.states.contains(IceState.FAILED));
            assertEquals(1, first.session.stats().packetsSent());
            assertEquals(5, first.session.stats().bytesReceived());
        }
    }

    @Test
    void connectsWhenBothWantToControl() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            first.trickleTo(second);
            second.trickleTo(first);
            first.session.gather();
            second.session.gather();
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
            second.session.setRemote(first.session.localParameters(), IceRole.CONTROLLING);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
        }
    }

    @Test
    void connectsWhenBothWantToBeControlled() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            first.trickleTo(second);
            second.trickleTo(first);
            first.session.gather();
            second.session.gather();
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLED);
            second.session.setRemote(first.session.localParameters(), IceRole.CONTROLLED);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
        }
    }

    @Test
    void learnsThePeersAddressFromItsChecks() throws Exception {
        try (TestPeer first = new TestPeer(left, options.withResolveMdns(false));
                TestPeer second = new TestPeer(right, options)) {
            // the second hides its addresses, as browsers do
            first.trickleTo(second);
            first.session.gather();
            second.session.gather();
            IceCandidate hidden = IceCandidate.udp("1", 1, "3f2a.local", 9, IceCandidate.Kind.HOST);
            first.session.addRemoteCandidate(hidden);
            TestPeer.exchange(first, second);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
            assertEquals(IceCandidate.Kind.PRFLX, first.pair().remote());
        }
    }

    @Test
    void connectsWhenTheAnswerComesLate() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            first.trickleTo(second);
            second.trickleTo(first);
            first.session.gather();
            second.session.gather();
            // the answerer checks at once; its checks reach an offerer that does not know it yet
            second.session.setRemote(first.session.localParameters(), IceRole.CONTROLLED);
            second.awaitState(IceState.CHECKING);
            second.await("candidate", () -> !second.candidates.isEmpty());
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
        }
    }

    @Test
    void failsWithoutAPeerAndConnectsWhenItComesAfterAll() throws Exception {
        IceOptions hasty = options.withCheckTimeout(Duration.ofMillis(300));
        try (TestPeer first = new TestPeer(left, hasty);
                TestPeer second = new TestPeer(right, options)) {
            first.session.gather();
            // nobody is there
            first.session.addRemoteCandidate("candidate:1 1 udp 2 127.0.0.1 9 typ host");
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
            first.awaitState(IceState.FAILED);
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
        }
    }

    @Test
    void restartsWithOtherParametersWhilePacketsFlow() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            IceParameters before = first.session.localParameters();
            first.session.restart();
            second.session.restart();
            assertNotEquals(before, first.session.localParameters());
            talk(first, second); // over the old pair
            TestPeer.exchange(first, second);
            first.await("second pair", () -> first.pairs.size() == 2);
            second.await("second pair", () -> second.pairs.size() == 2);
            talk(first, second);
            String fragment = first.session.localParameters().usernameFragment();
            assertEquals(fragment, first.candidates.getLast().usernameFragment());
            assertFalse(first.states.contains(IceState.FAILED), first.toString());
        }
    }

    /** RFC 8445 §12.1: a valid pair may be used before one is nominated. */
    @Test
    void sendsOverTheFirstPairThatWorks() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            TestPeer.connect(first, second);
            first.awaitConnected();
            second.awaitConnected();
            talk(first, second);
            first.await("consent", () -> first.session.stats().consentResponses() > 0);
            second.await("consent", () -> second.session.stats().consentResponses() > 0);
            talk(first, second);
            // The nomination is no other path, unless another pair was faster.
            assertTrue(first.pairs.size() <= 2, first.toString());
            assertEquals(first.pairs.getLast(), first.session.selectedPair());
        }
    }

    @Test
    void noticesAPeerThatVanished() throws Exception {
        IceOptions quick =
                options.withConsent(
                        Duration.ofMillis(100), Duration.ofMillis(600), Duration.ofMillis(1500));
        IcePort gone = IcePort.open(IcePortOptions.loopbackOnly());
        try (TestPeer first = new TestPeer(left, quick);
                TestPeer second = new TestPeer(gone, options)) {
            TestPeer.connect(first, second);
            first.await("consent", () -> first.session.stats().consentResponses() > 0);
            long since = System.nanoTime();
            gone.loop().close(); // as a process that is killed: nothing is said
            first.awaitState(IceState.FAILED);
            long millis = (System.nanoTime() - since) / 1_000_000;
            assertTrue(millis >= 1000, millis + " ms");
            assertTrue(first.states.contains(IceState.DISCONNECTED), first.toString());
            assertEquals(1, first.consentsLost());
            assertFalse(first.send("anybody?"));
        } finally {
            gone.close();
        }
    }

    @Test
    void answersBeforeAPairIsSelectedGoBackToWhereThePacketCameFrom() throws Exception {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options)) {
            assertFalse(first.send("nobody"));
            assertEquals(1, first.session.stats().packetsDiscarded());
            TestPeer.connect(first, second);
            first.awaitConnected();
            assertTrue(first.send("early"));
            assertEquals("early", second.receive());
            // selected or not
            assertTrue(second.send("back"));
            assertEquals("back", first.receive());
        }
    }

    @Test
    void refusesOtherParametersWithoutARestart() {
        try (TestPeer first = new TestPeer(left, options);
                TestPeer second = new TestPeer(right, options);
                TestPeer third = new TestPeer(right, options)) {
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
            first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
            IceParameters others = third.session.localParameters();
            assertThrows(
                    IllegalStateException.class,
                    () -> first.session.setRemote(others, IceRole.CONTROLLING));
        }
    }

    @Test
    void tellsThatItIsClosedAndSaysNothingMore() throws Exception {
        TestPeer first = new TestPeer(left, options);
        TestPeer second = new TestPeer(right, options);
        TestPeer.connect(first, second);
        first.awaitConnected();
        first.close();
        first.awaitState(IceState.CLOSED);
        assertFalse(first.send("x"));
        second.close();
        second.awaitState(IceState.CLOSED);
        assertEquals(
                List.of(IceState.CLOSED),
                first.states.subList(first.states.size() - 1, first.states.size()));
        assertEquals(0, left.sessionCount() + right.sessionCount());
    }
}
