package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.ByteBuffer;

/** NAT behaviour discovery (RFC 5780). */
final class DiscoveryTest {
    private static final TransportAddress ONE = SimulatedRelay.LISTENER;
    private static final TransportAddress OTHER = address("198.51.100.2", 3478);
    private static final TransportAddress CLIENT = address("9.9.9.9", 1111);

    private static SimulatedRelay relay() {
        SimulatedRelay relay = new SimulatedRelay();
        relay.shared.discovery(new Discovery(ONE, OTHER, 3479));
        return relay;
    }

    private static byte[] request(int flags) {
        return SimulatedRelay.request(
                StunType.BINDING, it -> it.number(StunAttribute.CHANGE_REQUEST, flags));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 198.51.100.1:3478",
        "2, 198.51.100.1:3479",
        "4, 198.51.100.2:3478",
        "6, 198.51.100.2:3479"
    })
    void answersFromTheAddressThatIsAskedForAndNamesTheOther(int flags, String from) {
        SimulatedRelay relay = relay();
        relay.fromClient(CLIENT, request(flags));
        StunReader answer = relay.lastToClient().stun();
        assertEquals(from, String.valueOf(relay.answeredBy));
        assertEquals(from, plain(answer, StunAttribute.RESPONSE_ORIGIN));
        assertEquals("198.51.100.2:3479", plain(answer, StunAttribute.OTHER_ADDRESS));
    }

    private static String plain(StunReader answer, int attribute) {
        ByteBuffer value = ByteBuffer.wrap(answer.value(answer.find(attribute)));
        String host = TransportAddress.hostText(0, TransportAddress.ipv4Low(value.getInt(4)));
        return host + ":" + (value.getShort(2) & 0xffff);
    }

    @Test
    void withoutTwoAddressesChangeRequestIsUnknown() {
        SimulatedRelay relay = new SimulatedRelay();
        relay.fromClient(CLIENT, request(2));
        assertEquals(420, relay.lastToClient().errorCode());
        assertNull(relay.answeredBy);
    }

    @Test
    void twoAddressesAndTwoPortsAreNeeded() {
        assertThrows(IllegalArgumentException.class, () -> new Discovery(ONE, ONE, 3479));
        assertThrows(IllegalArgumentException.class, () -> new Discovery(ONE, OTHER, 3478));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Discovery(ONE, address("2001:db8::1", 3478), 3479));
    }
}
