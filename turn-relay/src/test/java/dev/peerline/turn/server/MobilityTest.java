package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Allocations that go on at another 5-tuple (RFC 8016), on one loop and on two. */
final class MobilityTest {
    private static final TransportAddress PEER = address("8.8.8.8", 2222);
    private static final byte[] PING = {1, 2, 3, 4};

    private final SimulatedRelay relay = new SimulatedRelay();
    private final SimulatedRelay other = new SimulatedRelay(relay.shared, 43);
    private final TestClient ada = new TestClient(relay, "9.9.9.9", 1111);

    private byte[] allocate() {
        Sent answer =
                ada.ask(
                        StunType.ALLOCATE,
                        it -> {
                            TestClient.UDP.accept(it);
                            it.bytes(StunAttribute.MOBILITY_TICKET, new byte[0]);
                        });
        assertEquals(0, answer.errorCode());
        assertEquals(0, ada.bind(0x4000, PEER));
        return ticket(answer);
    }

    private static byte[] ticket(Sent answer) {
        StunReader reader = answer.stun();
        int found = reader.find(StunAttribute.MOBILITY_TICKET);
        assertTrue(found >= 0);
        return reader.value(found);
    }

    private static int refresh(TestClient client, byte[] ticket) {
        return client.ask(StunType.REFRESH, it -> it.bytes(StunAttribute.MOBILITY_TICKET, ticket))
                .errorCode();
    }

    private static void run(SimulatedRelay... relays) {
        for (SimulatedRelay it : relays) while (!it.tasks.isEmpty()) it.tasks.remove().run();
    }

    /** turnutils_uclient copies tickets as far as the first zero. */
    @Test
    void aTicketIsText() {
        String text = new String(allocate(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(text.matches("[0-9a-f]{32}"), text);
    }

    @Test
    void onlyWhoAsksGetsATicket() {
        Sent answer = ada.ask(StunType.ALLOCATE, TestClient.UDP);
        assertTrue(answer.stun().find(StunAttribute.MOBILITY_TICKET) < 0);
    }

    @Test
    void anAllocationGoesOnAtAnotherAddressWithItsPortsAndPermissions() {
        byte[] ticket = allocate();
        TestClient moved = new TestClient(relay, "7.7.7.7", 3333);
        assertEquals(0, refresh(moved, ticket));
        moved.channelData(0x4000, PING);
        assertArrayEquals(PING, relay.lastToPeer().bytes);
        relay.fromPeer(relay.ports.values().iterator().next(), PEER, PING);
        assertEquals(moved.address(), relay.lastToClient().to);
        ada.channelData(0x4000, PING); // the old 5-tuple has none any more
        assertTrue(relay.toPeers.isEmpty());
        assertEquals(0, refresh(moved, ticket)); // as often as one likes
        assertEquals(1, relay.server.allocationCount());
        assertEquals(0, moved.refresh(0));
        assertEquals(400, refresh(ada, ticket));
    }

    @Test
    void anAllocationMovesToTheLoopThatItsClientComesTo() {
        byte[] ticket = allocate();
        TestClient moved = new TestClient(other, "7.7.7.7", 3333);
        moved.ask(StunType.REFRESH, TestClient.NOTHING); // takes a nonce on the way
        other.toClients.clear();
        other.fromClient(
                moved.address(),
                moved.signed(
                        StunType.REFRESH,
                        7,
                        it -> it.bytes(StunAttribute.MOBILITY_TICKET, ticket)));
        assertTrue(other.toClients.isEmpty());
        run(relay, other);
        assertEquals(0, other.lastToClient().errorCode());
        assertEquals(
                List.of(0, 1),
                List.of(relay.server.allocationCount(), other.server.allocationCount()));
        moved.channelData(0x4000, PING);
        assertArrayEquals(PING, other.lastToPeer().bytes);
        other.fromPeer(other.ports.values().iterator().next(), PEER, PING);
        assertEquals(moved.address(), other.lastToClient().to);
        ada.channelData(0x4000, PING);
        assertTrue(relay.toPeers.isEmpty());
        other.server.close();
        assertTrue(other.ports.isEmpty() && relay.ports.isEmpty());
        assertEquals(0, relay.shared.quotas().total());
        assertTrue(relay.shared.tickets().isEmpty());
    }

    /**
     * A request that is sent again, or by two that have the ticket, while the first is on its way.
     */
    @Test
    void anAllocationThatIsAskedForTwiceMovesOnce() {
        byte[] ticket = allocate();
        TestClient moved = new TestClient(other, "7.7.7.7", 3333);
        TestClient second = new TestClient(other, "7.7.7.7", 4444);
        for (TestClient client : List.of(moved, second)) {
            client.ask(StunType.REFRESH, TestClient.NOTHING);
            other.toClients.clear();
        }
        Runnable asks =
                () -> {
                    for (TestClient client : List.of(moved, moved, second))
                        other.fromClient(
                                client.address(),
                                client.signed(
                                        StunType.REFRESH,
                                        7,
                                        it -> it.bytes(StunAttribute.MOBILITY_TICKET, ticket)));
                };
        asks.run();
        while (!relay.tasks.isEmpty()) relay.tasks.remove().run();
        asks.run(); // it has left, and has not arrived
        run(relay, other);
        assertEquals(1, other.server.allocationCount());
        assertEquals(moved.address(), other.lastToClient().to);
        assertTrue(other.toClients.isEmpty());
        moved.channelData(0x4000, PING);
        assertArrayEquals(PING, other.lastToPeer().bytes);
        second.channelData(0x4000, PING);
        assertTrue(other.toPeers.isEmpty());
        other.server.close();
        assertTrue(other.ports.isEmpty() && relay.ports.isEmpty() && other.detached.isEmpty());
        assertEquals(0, relay.shared.quotas().total());
    }

    @Test
    void betweenLoopsOfDifferentKindsItIsForbiddenAndTheAllocationStays() {
        byte[] ticket = allocate();
        relay.movable = false;
        TestClient moved = new TestClient(other, "7.7.7.7", 3333);
        moved.ask(StunType.REFRESH, TestClient.NOTHING);
        other.toClients.clear();
        other.fromClient(
                moved.address(),
                moved.signed(
                        StunType.REFRESH,
                        7,
                        it -> it.bytes(StunAttribute.MOBILITY_TICKET, ticket)));
        run(relay, other);
        assertEquals(405, other.lastToClient().errorCode());
        ada.channelData(0x4000, PING);
        assertArrayEquals(PING, relay.lastToPeer().bytes);
    }

    @Test
    void aTicketOfSomebodyElseIsGoodForNothing() {
        byte[] ticket = allocate();
        TestClient bob = new TestClient(relay, address("7.7.7.7", 3333), "bob", "other");
        assertEquals(400, refresh(bob, ticket));
        byte[] guessed = ticket.clone();
        guessed[3] = (byte) (guessed[3] == '0' ? '1' : '0');
        TestClient moved = new TestClient(relay, "7.7.7.7", 3334);
        assertEquals(400, refresh(moved, guessed));
        assertEquals(400, refresh(moved, new byte[5]));
        assertEquals(400, refresh(moved, new byte[32]));
        ada.channelData(0x4000, PING);
        assertArrayEquals(PING, relay.lastToPeer().bytes);
    }
}
