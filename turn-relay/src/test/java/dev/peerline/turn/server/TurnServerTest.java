package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunFingerprint;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;

/** RFC 8656 by its sections, without sockets and in virtual time. */
final class TurnServerTest {
    private static final TransportAddress PEER = address("8.8.8.8", 9000);
    private static final byte[] PAYLOAD = {1, 2, 3, 4, 5};

    private final SimulatedRelay relay = new SimulatedRelay();
    private final TestClient ada = new TestClient(relay, "9.9.9.9", 1111);

    private RelayPort port(TransportAddress relayed) {
        RelayPort port = relay.ports.get(relayed);
        assertNotNull(port);
        return port;
    }

    @Test
    void answersBindingRequestsWithTheMappedAddress() {
        relay.fromClient(PEER, SimulatedRelay.request(StunType.BINDING, it -> {}));
        StunReader answer = relay.lastToClient().stun();
        MutableAddress mapped = new MutableAddress();
        answer.xorAddress(answer.find(StunAttribute.XOR_MAPPED_ADDRESS), mapped);
        assertTrue(mapped.is(PEER));
    }

    /** §7: with lifetime, mapped address, integrity, and a fingerprint only if there was one. */
    @Test
    void allocatesAfterAChallenge() {
        Sent sent = ada.ask(StunType.ALLOCATE, TestClient.UDP);
        StunReader answer = sent.stun();
        assertEquals(StunType.SUCCESS, answer.messageClass());
        assertTrue(new StunIntegrity().verify(StunIntegrity.Kind.SHA1, answer, ada.key()));
        assertTrue(!answer.has(StunAttribute.FINGERPRINT));
        assertEquals(600, answer.number(answer.find(StunAttribute.LIFETIME)));
        MutableAddress mapped = new MutableAddress();
        answer.xorAddress(answer.find(StunAttribute.XOR_MAPPED_ADDRESS), mapped);
        assertTrue(mapped.is(ada.address()));
        TransportAddress relayed = TestClient.relayed(sent);
        assertTrue(relayed.sameAddress(SimulatedRelay.RELAY));
        assertTrue(relayed.port() >= 50_000 && relayed.port() <= 50_099);
        assertEquals(List.of(relayed), List.copyOf(relay.ports.keySet()));
    }

    @Test
    void anAllocateThatComesAgainIsAnsweredAgainAndAnotherIsRefused() {
        ada.ask(StunType.ALLOCATE, TestClient.UDP);
        byte[] request = ada.signed(StunType.ALLOCATE, 1, TestClient.UDP);
        relay.fromClient(ada.address(), request);
        Sent again = relay.lastToClient();
        assertEquals(0, again.errorCode());
        assertTrue(relay.ports.containsKey(TestClient.relayed(again)));
        assertEquals(437, ada.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        assertEquals(1, relay.ports.size());
    }

    @Test
    void refusesWhatItCannotGive() {
        assertEquals(400, ada.ask(StunType.ALLOCATE, TestClient.NOTHING).errorCode());
        int transport = StunAttribute.REQUESTED_TRANSPORT;
        assertEquals(
                442, ada.ask(StunType.ALLOCATE, it -> it.number(transport, 99L << 24)).errorCode());
        assertEquals(440, allocateFamily(9));
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.shared.quotas().total());
    }

    private int allocateFamily(long family) {
        return ada.ask(
                        StunType.ALLOCATE,
                        it -> {
                            TestClient.UDP.accept(it);
                            it.number(StunAttribute.REQUESTED_ADDRESS_FAMILY, family << 24);
                        })
                .errorCode();
    }

    @Test
    void relaysIpv6AndRefusesPeersOfTheOtherFamily() {
        assertEquals(0, allocateFamily(2));
        assertEquals(443, ada.permit(PEER));
        TransportAddress peer = address("2600::1", 9000);
        assertEquals(0, ada.bind(0x4000, peer));
        ada.channelData(0x4000, PAYLOAD);
        assertEquals(peer, relay.lastToPeer().to);
    }

    @Test
    void oneAllocationMayHaveBothFamilies() {
        Sent answer =
                ada.ask(
                        StunType.ALLOCATE,
                        it -> {
                            TestClient.UDP.accept(it);
                            it.number(StunAttribute.ADDITIONAL_ADDRESS_FAMILY, 2L << 24);
                        });
        assertEquals(0, answer.errorCode());
        assertEquals(2, relay.ports.size());
        assertEquals(0, ada.permit(PEER));
        assertEquals(0, ada.permit(address("2600::1", 1)));
        assertEquals(0, releaseFamily(2));
        assertEquals(1, relay.ports.size());
        assertEquals(443, ada.permit(address("2600::1", 1)));
        assertEquals(443, releaseFamily(2));
        assertEquals(0, ada.permit(PEER));
        assertEquals(0, releaseFamily(1));
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.server.allocationCount());
    }

    private int releaseFamily(long family) {
        return ada.ask(
                        StunType.REFRESH,
                        it ->
                                it.number(StunAttribute.LIFETIME, 0)
                                        .number(
                                                StunAttribute.REQUESTED_ADDRESS_FAMILY,
                                                family << 24))
                .errorCode();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 1200, 1400})
    void channelDataIsRelayedBothWays(int length) {
        TransportAddress relayed = ada.allocate();
        assertEquals(0, ada.bind(0x4001, PEER));
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xab);
        ada.channelData(0x4001, payload);
        Sent up = relay.lastToPeer();
        assertEquals(PEER, up.to);
        assertEquals(relayed, port(relayed).relayed());
        assertArrayEquals(payload, up.bytes);

        relay.fromPeer(port(relayed), PEER, payload);
        Sent down = relay.lastToClient();
        assertEquals(ada.address(), down.to);
        assertEquals(4 + length, down.bytes.length, "no padding over UDP");
        assertEquals(0x40, down.bytes[0]);
        assertEquals(1, down.bytes[1]);
        assertEquals(length, (down.bytes[2] & 255) << 8 | (down.bytes[3] & 255));
        assertArrayEquals(payload, Arrays.copyOfRange(down.bytes, 4, 4 + length));
    }

    @Test
    void aRunOfChannelDataIsTakenApart() {
        ada.allocate();
        ada.bind(0x4000, PEER);
        byte[] frame = {0x40, 0, 0, 4, 9, 8, 7, 6};
        relay.fromClient(ada.address(), frame, frame, frame);
        assertEquals(3, relay.toPeers.size());
        for (Sent sent : relay.toPeers) assertArrayEquals(new byte[] {9, 8, 7, 6}, sent.bytes);
    }

    @Test
    void acceptsPaddedChannelDataAndDropsWhatClaimsMoreThanIsThere() {
        ada.allocate();
        ada.bind(0x4000, PEER);
        relay.fromClient(ada.address(), new byte[] {0x40, 0, 0, 1, 9, 0, 0, 0});
        assertArrayEquals(new byte[] {9}, relay.lastToPeer().bytes);
        relay.fromClient(ada.address(), new byte[] {0x40, 0, 0, 2, 9});
        relay.fromClient(ada.address(), new byte[] {0x40, 0, (byte) 0xff, (byte) 0xff, 9});
        relay.fromClient(ada.address(), new byte[] {0x40, 0});
        assertEquals(0, relay.toPeers.size());
        assertEquals(3, relay.counters.value(Counter.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 1199})
    void sendAndDataIndicationsAreRelayedWithZeroPadding(int length) {
        TransportAddress relayed = ada.allocate();
        assertEquals(0, ada.permit(PEER));
        byte[] payload = new byte[length];
        Arrays.fill(payload, (byte) 0xab);
        ada.send(PEER, payload);
        assertArrayEquals(payload, relay.lastToPeer().bytes);
        if (length == 0) return;
        relay.fromPeer(port(relayed), PEER, payload);
        Sent down = relay.lastToClient();
        StunReader data = down.stun();
        assertEquals(StunType.of(StunType.DATA, StunType.INDICATION), data.type());
        assertArrayEquals(payload, data.value(data.find(StunAttribute.DATA)));
        MutableAddress from = new MutableAddress();
        data.xorAddress(data.find(StunAttribute.XOR_PEER_ADDRESS), from);
        assertTrue(from.is(PEER));
        for (int i = 20 + 12 + 4 + length; i < down.bytes.length; i++) {
            assertEquals(0, down.bytes[i], "padding must not leak memory");
        }
    }

    @Test
    void permissionsAreForAddressesAndEndAfterFiveMinutes() {
        TransportAddress relayed = ada.allocate();
        assertEquals(0, ada.permit(PEER));
        relay.fromPeer(port(relayed), PEER.withPort(1), PAYLOAD);
        relay.lastToClient();
        relay.fromPeer(port(relayed), address("8.8.4.4", 9000), PAYLOAD);
        assertEquals(0, relay.toClients.size());
        relay.advance(301);
        relay.fromPeer(port(relayed), PEER, PAYLOAD);
        assertEquals(0, relay.toClients.size());
        ada.send(PEER, PAYLOAD);
        assertEquals(0, relay.toPeers.size());
        assertEquals(2, relay.counters.value(Counter.UNWANTED));
    }

    @Test
    void channelsEndAfterTenMinutesAndCanBeRefreshed() {
        ada.allocate();
        ada.refresh(3600);
        ada.bind(0x4000, PEER);
        relay.advance(500);
        assertEquals(0, ada.bind(0x4000, PEER));
        relay.advance(599);
        ada.channelData(0x4000, PAYLOAD);
        assertEquals(1, relay.toPeers.size());
        relay.advance(2);
        ada.channelData(0x4000, PAYLOAD);
        assertEquals(1, relay.toPeers.size());
    }

    @Test
    void refusesChannelsThatCollideOrAreOutOfRange() {
        ada.allocate();
        assertEquals(400, ada.bind(0x3fff, PEER));
        assertEquals(400, ada.bind(0x7fff, PEER));
        assertEquals(0, ada.bind(0x4000, PEER));
        assertEquals(400, ada.bind(0x4000, PEER.withPort(1)));
        assertEquals(400, ada.bind(0x4001, PEER));
    }

    @Test
    void allocationsEndWhenTheirTimeIsOver() {
        ada.allocate();
        relay.advance(300);
        assertEquals(0, ada.refresh(900));
        relay.advance(899);
        assertEquals(1, relay.server.allocationCount());
        relay.advance(2);
        assertEquals(0, relay.server.allocationCount());
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.shared.quotas().accounts());
        assertEquals(437, ada.refresh(600));
        assertEquals(437, ada.permit(PEER));
    }

    @Test
    void lifetimesAreBetweenTenMinutesAndAnHour() {
        ada.allocate();
        for (int[] it : new int[][] {{1, 600}, {700, 700}, {9999, 3600}, {-1, 3600}}) {
            StunReader answer =
                    ada.ask(StunType.REFRESH, w -> w.number(StunAttribute.LIFETIME, it[0])).stun();
            assertEquals(it[1], answer.number(answer.find(StunAttribute.LIFETIME)));
        }
    }

    @Test
    void aReleasedFiveTupleIsFreeAtOnce() {
        for (int i = 0; i < 500; i++) {
            ada.allocate();
            assertEquals(0, ada.refresh(0));
            assertEquals(0, ada.refresh(0), "a release that comes again is a success");
        }
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.shared.quotas().total());
    }

    @Test
    void nobodyUsesTheAllocationOfAnother() {
        ada.allocate();
        var bob = new TestClient(relay, ada.address(), "bob", "other");
        assertEquals(441, bob.refresh(0));
        assertEquals(441, bob.permit(PEER));
        assertEquals(1, relay.ports.size());
    }

    @Test
    void unknownRequiredAttributesAreNamed() {
        Sent answer = ada.ask(StunType.ALLOCATE, it -> it.number(0x7777, 1));
        assertEquals(420, answer.errorCode());
        StunReader reader = answer.stun();
        byte[] types = reader.value(reader.find(StunAttribute.UNKNOWN_ATTRIBUTES));
        assertArrayEquals(new byte[] {0x77, 0x77}, types);
        assertEquals(
                0,
                ada.ask(StunType.ALLOCATE, it -> TestClient.UDP.accept(it.number(0xff77, 1)))
                        .errorCode());
    }

    @Test
    void answersWithAFingerprintWhoAsksWithOne() {
        relay.fromClient(PEER, SimulatedRelay.request(StunType.BINDING, it -> it.fingerprint()));
        StunReader answer = relay.lastToClient().stun();
        assertTrue(answer.has(StunAttribute.FINGERPRINT));
        assertTrue(StunFingerprint.isValid(answer));
    }

    @Test
    void quotasHoldForUsersAndForAll() {
        Limits limits = Limits.DEFAULT.withAllocations(3, 2);
        var small = new SimulatedRelay(SimulatedRelay.with(SimulatedRelay.settings(), limits));
        new TestClient(small, "9.9.9.9", 1).allocate();
        new TestClient(small, "9.9.9.9", 2).allocate();
        var third = new TestClient(small, "9.9.9.9", 3);
        assertEquals(486, third.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        new TestClient(small, address("9.9.9.9", 4), "bob", "other").allocate();
        var bob = new TestClient(small, address("9.9.9.9", 5), "bob", "other");
        assertEquals(486, bob.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        assertEquals(3, small.shared.quotas().total());
    }

    @Test
    void permissionsAndChannelsAreBounded() {
        Limits limits = Limits.DEFAULT.withPeers(3, 2);
        var small = new SimulatedRelay(SimulatedRelay.with(SimulatedRelay.settings(), limits));
        var client = new TestClient(small, "9.9.9.9", 1);
        client.allocate();
        assertEquals(0, client.bind(0x4000, PEER));
        assertEquals(0, client.bind(0x4001, PEER.withPort(1)));
        assertEquals(508, client.bind(0x4002, PEER.withPort(2)));
        assertEquals(0, client.permit(address("8.8.8.1", 0)));
        assertEquals(0, client.permit(address("8.8.8.2", 0)));
        assertEquals(508, client.permit(address("8.8.8.3", 0)));
    }

    @Test
    void aFullPortRangeIsInsufficientCapacity() {
        Settings.Relay it = new Settings.Relay(SimulatedRelay.RELAY, SimulatedRelay.RELAY);
        var small =
                new SimulatedRelay(
                        SimulatedRelay.with(
                                SimulatedRelay.settings(), List.of(it), 50_000, 50_004));
        for (int i = 1; i <= 5; i++) new TestClient(small, "9.9.9.9", i).allocate();
        var last = new TestClient(small, "9.9.9.9", 6);
        assertEquals(508, last.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        assertEquals(5, small.shared.quotas().total());
    }

    @Test
    void bandwidthIsLimitedForAUser() {
        Limits limits = Limits.DEFAULT.with(new Limits.Bandwidth(1000, 0));
        var slow = new SimulatedRelay(SimulatedRelay.with(SimulatedRelay.settings(), limits));
        var client = new TestClient(slow, "9.9.9.9", 1);
        client.allocate();
        client.bind(0x4000, PEER);
        for (int i = 0; i < 30; i++) client.channelData(0x4000, new byte[100]);
        assertEquals(10, slow.toPeers.size());
        slow.advance(1);
        for (int i = 0; i < 30; i++) client.channelData(0x4000, new byte[100]);
        assertEquals(20, slow.toPeers.size());
        assertEquals(40, slow.counters.value(Counter.OVER_BANDWIDTH));
    }

    @Test
    void aDrainingRelayKeepsWhatItHas() {
        ada.allocate();
        Settings it = SimulatedRelay.settings();
        Settings draining =
                new Settings(
                        it.realm(),
                        it.credentials(),
                        it.policy(),
                        it.limits(),
                        it.relays(),
                        it.firstPort(),
                        it.lastPort(),
                        true,
                        null,
                        true);
        relay.shared.settings(draining, relay.nowNanos);
        assertEquals(0, ada.refresh(600));
        var late = new TestClient(relay, "9.9.9.9", 7);
        assertEquals(508, late.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
    }

    @Test
    void newClientsCanBeSentElsewhere() {
        Settings it = SimulatedRelay.settings();
        TransportAddress other = address("5.6.7.8", 3478);
        Settings away =
                new Settings(
                        it.realm(),
                        it.credentials(),
                        it.policy(),
                        it.limits(),
                        it.relays(),
                        it.firstPort(),
                        it.lastPort(),
                        true,
                        other,
                        false);
        relay.shared.settings(away, relay.nowNanos);
        Sent answer = ada.ask(StunType.ALLOCATE, TestClient.UDP);
        assertEquals(300, answer.errorCode());
        StunReader reader = answer.stun();
        MutableAddress named = new MutableAddress();
        reader.plainAddress(reader.find(StunAttribute.ALTERNATE_SERVER), named);
        assertTrue(named.is(other));
    }

    @Test
    void aReloadKeepsAllocationsAndChangesWhoMayMakeThem() {
        TransportAddress relayed = ada.allocate();
        var users = dev.peerline.turn.auth.StaticUsers.parse(List.of("ada:changed", "bob:other"));
        relay.shared.settings(SimulatedRelay.settings(users), relay.nowNanos);
        ada.channelData(0x4000, PAYLOAD);
        assertTrue(relay.ports.containsKey(relayed));
        var changed = new TestClient(relay, address("9.9.9.9", 9), "ada", "changed");
        assertNotEquals(relayed, changed.allocate());
    }

    @Test
    void closingEndsEverything() {
        for (int i = 1; i < 20; i++) new TestClient(relay, "9.9.9.9", i).allocate();
        relay.server.close();
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.server.allocationCount());
        assertEquals(0, relay.shared.quotas().accounts());
    }
}
