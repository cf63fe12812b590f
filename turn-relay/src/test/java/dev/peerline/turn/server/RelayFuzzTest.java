package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import java.util.ArrayList;
import java.util.List;

/**
 * A relay of two loops with everything that can be on: TCP to peers (RFC 6062), moves from loop to
 * loop (RFC 8016), behaviour discovery (RFC 5780), reservations. Requests are signed and made of
 * what such requests are made of, so that they come far. No exception, and nothing left at the end.
 */
final class RelayFuzzTest {
    private static final TransportAddress OTHER = address("198.51.100.2", 3478);
    private static final int[] METHODS = {
        StunType.BINDING,
        StunType.ALLOCATE,
        StunType.REFRESH,
        StunType.CREATE_PERMISSION,
        StunType.CHANNEL_BIND,
        StunType.CONNECT,
        StunType.CONNECTION_BIND
    };
    private static final int[] ATTRIBUTES = {
        StunAttribute.REQUESTED_TRANSPORT,
        StunAttribute.LIFETIME,
        StunAttribute.XOR_PEER_ADDRESS,
        StunAttribute.CHANNEL_NUMBER,
        StunAttribute.DATA,
        StunAttribute.EVEN_PORT,
        StunAttribute.RESERVATION_TOKEN,
        StunAttribute.REQUESTED_ADDRESS_FAMILY,
        StunAttribute.ADDITIONAL_ADDRESS_FAMILY,
        StunAttribute.DONT_FRAGMENT,
        StunAttribute.MOBILITY_TICKET,
        StunAttribute.CONNECTION_ID,
        StunAttribute.CHANGE_REQUEST
    };

    private final StreamRelay one = new StreamRelay(42);
    private final StreamRelay two = new StreamRelay(one.shared, 43);
    private final List<TestClient> clients = new ArrayList<>();
    private byte[] ticket = {};
    private byte[] token = {};
    private int id;
    private int transaction;

    @FuzzTest(maxDuration = "300s")
    void survivesWhoeverIsAllowedIn(FuzzedDataProvider data) {
        new RelayFuzzTest().run(data);
    }

    private void run(FuzzedDataProvider data) {
        one.shared.discovery(new Discovery(SimulatedRelay.LISTENER, OTHER, 3479));
        for (StreamRelay relay : List.of(one, two)) {
            TestClient client = new TestClient(relay, "9.9.9.9", 1111);
            client.ask(StunType.ALLOCATE, TestClient.UDP);
            clients.add(client);
        }
        for (int step = 0; step < 100 && data.remainingBytes() > 0; step++) {
            step(data, data.consumeBoolean() ? one : two);
            assertTrue(one.server.allocationCount() + two.server.allocationCount() <= 100);
        }
        settle();
        for (StreamRelay relay : List.of(one, two)) relay.server.close();
        settle();
        for (StreamRelay relay : List.of(one, two)) relay.assertNothingLeft();
        one.shared.reservations().close();
        assertEquals(0, one.shared.quotas().total());
        assertTrue(one.shared.tickets().isEmpty());
        assertTrue(one.detached.isEmpty() && two.detached.isEmpty());
    }

    private void step(FuzzedDataProvider data, StreamRelay relay) {
        switch (data.consumeInt(0, 9)) {
            case 0 -> relay.fromClient(someone(data), raw(data));
            case 1, 2, 3 -> signed(relay, someone(data), data);
            case 4, 5 -> relay.fromStream(data.consumeInt(0, 3), request(relay, data));
            case 6 -> relay.fromStream(data.consumeInt(0, 3), raw(data));
            case 7 -> fromOutside(relay, data);
            case 8 -> relay.happens(data);
            default -> {
                settle();
                for (StreamRelay each : List.of(one, two)) each.advance(data.consumeInt(0, 400));
            }
        }
        learn(one);
        learn(two);
    }

    /** What loops have for each other. */
    private void settle() {
        for (int i = 0; i < 100 && !(one.tasks.isEmpty() && two.tasks.isEmpty()); i++)
            for (StreamRelay relay : List.of(one, two))
                while (!relay.tasks.isEmpty()) relay.tasks.remove().run();
    }

    private static TransportAddress someone(FuzzedDataProvider data) {
        return address("9.9.9.9", 1109 + data.consumeInt(1, 4));
    }

    private static TransportAddress peer(FuzzedDataProvider data) {
        String host = data.pickValue(new String[] {"8.8.8.8", "198.51.100.1", "2606:4700::1"});
        return address(host, data.consumeBoolean() ? 53 : data.consumeInt(50_000, 50_099));
    }

    private static byte[] raw(FuzzedDataProvider data) {
        byte[] bytes = data.consumeBytes(data.consumeInt(4, 200));
        return bytes.length < 4 ? new byte[4] : bytes;
    }

    private void signed(StreamRelay relay, TransportAddress from, FuzzedDataProvider data) {
        relay.fromClient(from, request(relay, data));
    }

    private byte[] request(StreamRelay relay, FuzzedDataProvider data) {
        int attributes = data.consumeInt(0, 4);
        TestClient signer = clients.get(relay == one ? 0 : 1);
        if (data.consumeInt(0, 5) == 0) return indication(data);
        return signer.signed(
                data.pickValue(METHODS),
                ++transaction,
                it -> {
                    for (int i = 0; i < attributes; i++) attribute(it, data);
                });
    }

    private static byte[] indication(FuzzedDataProvider data) {
        TransportAddress to = peer(data);
        boolean whole = data.consumeBoolean();
        byte[] payload = data.consumeBytes(data.consumeInt(0, 40));
        return SimulatedRelay.message(
                StunType.of(StunType.SEND, StunType.INDICATION),
                it -> {
                    it.xorAddress(StunAttribute.XOR_PEER_ADDRESS, to);
                    if (whole) it.flag(StunAttribute.DONT_FRAGMENT);
                    it.bytes(StunAttribute.DATA, payload);
                });
    }

    private void attribute(StunWriter writer, FuzzedDataProvider data) {
        int type = data.pickValue(ATTRIBUTES);
        if (data.consumeInt(0, 7) == 0) {
            writer.bytes(type, data.consumeBytes(data.consumeInt(0, 40)));
            return;
        }
        switch (type) {
            case StunAttribute.XOR_PEER_ADDRESS -> writer.xorAddress(type, peer(data));
            case StunAttribute.REQUESTED_TRANSPORT ->
                    writer.number(type, data.consumeBoolean() ? 17L << 24 : 6L << 24);
            case StunAttribute.MOBILITY_TICKET ->
                    writer.bytes(type, data.consumeBoolean() ? ticket : new byte[0]);
            case StunAttribute.RESERVATION_TOKEN -> writer.bytes(type, token);
            case StunAttribute.EVEN_PORT ->
                    writer.bytes(type, new byte[] {(byte) data.consumeInt(-128, 127)});
            case StunAttribute.CHANNEL_NUMBER ->
                    writer.number(type, (long) data.consumeInt(0x3fff, 0x4003) << 16);
            case StunAttribute.REQUESTED_ADDRESS_FAMILY, StunAttribute.ADDITIONAL_ADDRESS_FAMILY ->
                    writer.number(type, (long) data.consumeInt(0, 3) << 24);
            case StunAttribute.CONNECTION_ID -> writer.number(type, Integer.toUnsignedLong(id));
            case StunAttribute.DONT_FRAGMENT -> writer.flag(type);
            default -> writer.number(type, data.consumeInt(0, 4000));
        }
    }

    private static void fromOutside(StreamRelay relay, FuzzedDataProvider data) {
        List<RelayPort> ports = List.copyOf(relay.ports.values());
        if (ports.isEmpty()) return;
        RelayPort port = ports.get(data.consumeInt(0, ports.size() - 1));
        TransportAddress from = peer(data);
        if (data.consumeBoolean()) relay.fromPeer(port, from, raw(data));
        else relay.server.unreachable(port, from, data.consumeInt(0, 255), 4, data.consumeInt());
    }

    /** Tickets, tokens and connections are there to be used. */
    private void learn(StreamRelay relay) {
        relay.toPeers.clear();
        relay.notes.clear();
        for (Sent sent = relay.toClients.poll(); sent != null; sent = relay.toClients.poll()) {
            if ((sent.bytes[0] & 0xc0) != 0) continue;
            StunReader answer = sent.stun();
            ticket = value(answer, StunAttribute.MOBILITY_TICKET, ticket);
            token = value(answer, StunAttribute.RESERVATION_TOKEN, token);
            int found = answer.find(StunAttribute.CONNECTION_ID);
            if (found >= 0) id = (int) answer.number(found);
        }
    }

    private static byte[] value(StunReader answer, int type, byte[] otherwise) {
        int found = answer.find(type);
        return found < 0 ? otherwise : answer.value(found);
    }
}
