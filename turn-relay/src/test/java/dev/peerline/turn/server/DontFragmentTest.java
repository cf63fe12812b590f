package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import org.junit.jupiter.api.Test;

/** DONT-FRAGMENT, and what clients are told of paths (RFC 8656 §11.5, §15). */
final class DontFragmentTest {
    private static final TransportAddress PEER = address("8.8.8.8", 9000);
    private static final byte[] PAYLOAD = {1, 2, 3, 4, 5};

    private final SimulatedRelay relay = new SimulatedRelay();
    private final TestClient ada = new TestClient(relay, "9.9.9.9", 1111);

    private static byte[] sendWithDontFragment() {
        return SimulatedRelay.message(
                StunType.of(StunType.SEND, StunType.INDICATION),
                it ->
                        it.xorAddress(StunAttribute.XOR_PEER_ADDRESS, PEER)
                                .flag(StunAttribute.DONT_FRAGMENT)
                                .bytes(StunAttribute.DATA, PAYLOAD));
    }

    @Test
    void sendMayAskForDontFragment() {
        ada.allocate();
        ada.permit(PEER);
        relay.fromClient(ada.address(), sendWithDontFragment());
        assertTrue(relay.lastToPeer().dontFragment);
        ada.send(PEER, PAYLOAD);
        assertTrue(!relay.lastToPeer().dontFragment);
    }

    /**
     * §7.2: "the server treats the DONT-FRAGMENT attribute in the Allocate request as an unknown
     * comprehension-required attribute"; §11.2 the same for Send.
     */
    @Test
    void whereItCannotBeSetItIsUnknown() {
        var settings = SimulatedRelay.withoutDontFragment(SimulatedRelay.settings());
        SimulatedRelay portable = new SimulatedRelay(settings);
        TestClient client = new TestClient(portable, "9.9.9.9", 1111);
        Sent refused =
                client.ask(
                        StunType.ALLOCATE,
                        it -> TestClient.UDP.accept(it.flag(StunAttribute.DONT_FRAGMENT)));
        assertEquals(420, refused.errorCode());
        StunReader answer = refused.stun();
        byte[] unknown = answer.value(answer.find(StunAttribute.UNKNOWN_ATTRIBUTES));
        assertArrayEquals(new byte[] {0, StunAttribute.DONT_FRAGMENT}, unknown);
        client.allocate();
        client.permit(PEER);
        portable.fromClient(client.address(), sendWithDontFragment());
        assertEquals(0, portable.toPeers.size());
        client.send(PEER, PAYLOAD);
        assertEquals(1, portable.toPeers.size());
    }

    @Test
    void icmpErrorsReachTheClientThatHasAPermission() {
        ada.allocate();
        ada.permit(PEER);
        RelayPort port = relay.ports.values().iterator().next();
        relay.server.unreachable(port, PEER, 3, 4, 1280);
        StunReader data = relay.lastToClient().stun();
        assertEquals(StunType.of(StunType.DATA, StunType.INDICATION), data.type());
        byte[] icmp = data.value(data.find(StunAttribute.ICMP));
        assertArrayEquals(new byte[] {0, 0, 6, 4, 0, 0, 5, 0}, icmp);
        relay.server.unreachable(port, address("8.8.4.4", 1), 3, 3, 0);
        assertEquals(0, relay.toClients.size());
    }
}
