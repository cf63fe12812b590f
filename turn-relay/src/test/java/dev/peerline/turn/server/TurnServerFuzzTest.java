package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.allocation.RelayPort;

import java.util.List;

/**
 * The whole server: any datagrams from strangers, from somebody who can sign what he likes, and
 * from peers. No exception, and nothing held beyond the quotas.
 */
final class TurnServerFuzzTest {
    private static final int[] METHODS = {
        StunType.BINDING,
        StunType.ALLOCATE,
        StunType.REFRESH,
        StunType.CREATE_PERMISSION,
        StunType.CHANNEL_BIND,
        StunType.CONNECT,
        0xfff
    };

    @FuzzTest(maxDuration = "300s")
    void survivesAnything(FuzzedDataProvider data) {
        SimulatedRelay relay = new SimulatedRelay();
        TestClient ada = new TestClient(relay, "9.9.9.9", 1111);
        ada.ask(StunType.ALLOCATE, TestClient.UDP);
        for (int step = 0; step < 64 && data.remainingBytes() > 0; step++) {
            switch (data.consumeInt(0, 4)) {
                case 0 -> relay.fromClient(from(data), bytes(data));
                case 1 -> relay.fromClient(ada.address(), bytes(data));
                case 2 -> signed(relay, ada, data);
                case 3 -> fromPeer(relay, data);
                default -> relay.advance(data.consumeInt(0, 700));
            }
            relay.toClients.clear();
            relay.toPeers.clear();
            relay.notes.clear();
        }
        int ports = relay.ports.size();
        assertTrue(ports <= 2 * relay.server.allocationCount());
        assertTrue(relay.server.allocationCount() <= 64);
        relay.server.close();
        assertTrue(relay.ports.isEmpty() && relay.shared.quotas().total() == 0);
    }

    private static TransportAddress from(FuzzedDataProvider data) {
        return address("9.9.9." + data.consumeInt(1, 9), data.consumeInt(1, 9));
    }

    /** Never empty: an empty datagram has no segment size. */
    private static byte[] bytes(FuzzedDataProvider data) {
        byte[] bytes = data.consumeBytes(1500);
        return bytes.length == 0 ? new byte[1] : bytes;
    }

    private static void signed(SimulatedRelay relay, TestClient ada, FuzzedDataProvider data) {
        int method = data.pickValue(METHODS);
        int attributes = data.consumeInt(0, 6);
        byte[] request =
                SimulatedRelay.request(
                        method,
                        it -> {
                            for (int i = 0; i < attributes; i++) {
                                it.bytes(data.consumeInt(0, 0xffff), data.consumeBytes(40));
                            }
                            it.text(StunAttribute.USERNAME, SimulatedRelay.NAME)
                                    .text(StunAttribute.REALM, SimulatedRelay.REALM)
                                    .bytes(StunAttribute.NONCE, ada.nonce())
                                    .integrity(
                                            new StunIntegrity(),
                                            StunIntegrity.Kind.SHA1,
                                            ada.key());
                        });
        relay.fromClient(ada.address(), request);
    }

    private static void fromPeer(SimulatedRelay relay, FuzzedDataProvider data) {
        List<RelayPort> ports = List.copyOf(relay.ports.values());
        if (!ports.isEmpty()) relay.fromPeer(ports.getFirst(), from(data), bytes(data));
    }
}
