package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pairs of ports: EVEN-PORT and RESERVATION-TOKEN (RFC 8656 §7.2). */
final class ReservationTest {
    private final SimulatedRelay relay = new SimulatedRelay();
    private final TestClient ada = new TestClient(relay, "9.9.9.9", 1111);

    private Sent pair() {
        return ada.ask(
                StunType.ALLOCATE,
                it -> {
                    TestClient.UDP.accept(it);
                    it.bytes(StunAttribute.EVEN_PORT, new byte[] {(byte) 0x80});
                });
    }

    private static byte[] token(Sent answer) {
        StunReader reader = answer.stun();
        return reader.value(reader.find(StunAttribute.RESERVATION_TOKEN));
    }

    private static Sent claim(TestClient client, byte[] token) {
        return client.ask(
                StunType.ALLOCATE,
                it -> {
                    TestClient.UDP.accept(it);
                    it.bytes(StunAttribute.RESERVATION_TOKEN, token);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPairIsEvenAndItsSecondPortIsForTheOwnerAloneAndOnce(boolean movable) {
        relay.movable = movable;
        Sent first = pair();
        TransportAddress even = TestClient.relayed(first);
        assertEquals(0, even.port() & 1);
        byte[] token = token(first);

        var bob = new TestClient(relay, address("9.9.9.8", 1), "bob", "other");
        assertEquals(508, claim(bob, token).errorCode(), "somebody else's token");
        Sent second = claim(new TestClient(relay, "9.9.9.9", 2222), token);
        assertEquals(even.port() + 1, TestClient.relayed(second).port());
        assertEquals(508, claim(new TestClient(relay, "9.9.9.9", 3333), token).errorCode());
    }

    @Test
    void noOtherProgramTakesThePortMeanwhile() {
        TransportAddress even = TestClient.relayed(pair());
        TransportAddress odd = even.withPort(even.port() + 1);
        assertTrue(relay.detached.contains(odd));
        relay.advance(31);
        assertFalse(relay.detached.contains(odd), "nobody claimed it");
        assertTrue(relay.ports.containsKey(even));
    }

    /** Made over UDP, claimed over TCP: the loops have different kinds of sockets. */
    @Test
    void aPairMayBeClaimedOnALoopOfAnotherKind() {
        Sent first = pair();
        SimulatedRelay other = new SimulatedRelay(relay.shared, 43);
        other.attaching = false;
        Sent second = claim(new TestClient(other, "9.9.9.9", 2222), token(first));
        assertEquals(TestClient.relayed(first).port() + 1, TestClient.relayed(second).port());
        assertTrue(relay.detached.isEmpty(), "the socket that nobody can use is closed");
        assertEquals(1, other.ports.size());
    }

    @Test
    void aPairIsFoundBesidePortsOfOtherPrograms() {
        for (int port = 50_001; port <= 50_097; port += 2)
            relay.bind(relay.shared.settings().relays().getFirst(), port);
        int others = relay.ports.size();
        TransportAddress even = TestClient.relayed(pair());
        assertEquals(50_098, even.port());
        assertEquals(others + 1, relay.ports.size());
    }
}
