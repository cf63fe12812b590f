package dev.peerline.turn.server;

import static dev.peerline.turn.server.SimulatedRelay.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.auth.TimeLimitedSecrets;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What relays have been broken by, an item a test. */
final class AttackTest {
    private static final TransportAddress PEER = address("8.8.8.8", 9000);
    private static final byte[] PAYLOAD = {1, 2, 3, 4};

    private final SimulatedRelay relay = new SimulatedRelay();
    private final TestClient ada = new TestClient(relay, "9.9.9.9", 1111);

    /** The policy itself is tested by its own table; here: every way in asks it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.0.0.1",
                "169.254.169.254",
                "0.0.0.0",
                "255.255.255.255",
                "224.0.0.1",
                "192.168.1.1"
            })
    void noWayInGrantsAForbiddenPeer(String host) {
        ada.allocate();
        TransportAddress peer = address(host, 80);
        assertEquals(403, ada.permit(peer));
        assertEquals(403, ada.bind(0x4000, peer));
        ada.send(peer, PAYLOAD);
        ada.channelData(0x4000, PAYLOAD);
        assertEquals(0, relay.toPeers.size());
        assertTrue(relay.counters.value(Counter.FORBIDDEN_PEERS) >= 2);
        assertTrue(relay.notes.stream().anyMatch(Ground.Note.Forbidden.class::isInstance));
    }

    @Test
    void anIpv4PeerWrittenAsIpv6IsForbidden() {
        ada.ask(
                StunType.ALLOCATE,
                it -> {
                    TestClient.UDP.accept(it);
                    it.number(StunAttribute.ADDITIONAL_ADDRESS_FAMILY, 2L << 24);
                });
        for (String host : new String[] {"8.8.8.8", "127.0.0.1", "198.51.100.1"}) {
            byte[] value = mapped(address(host, 80));
            Sent answer =
                    ada.ask(
                            StunType.CREATE_PERMISSION,
                            it -> it.bytes(StunAttribute.XOR_PEER_ADDRESS, xor(it, value)));
            assertEquals(403, answer.errorCode(), host);
        }
    }

    /** Family 2, port, ::ffff:a.b.c.d, not XORed yet. */
    private static byte[] mapped(TransportAddress it) {
        byte[] v4 = it.inetAddress().getAddress();
        byte[] value = new byte[20];
        value[1] = 2;
        value[2] = (byte) (it.port() >> 8);
        value[3] = (byte) it.port();
        value[14] = value[15] = (byte) 0xff;
        System.arraycopy(v4, 0, value, 16, 4);
        return value;
    }

    private int transaction = 1;

    private byte[] xor(StunWriter writer, byte[] value) {
        // TestClient counts its transactions from 1 and ends them with 7
        assertTrue(writer.length() > 0);
        byte[] mask = new byte[20];
        byte[] cookie = {0x21, 0x12, (byte) 0xa4, 0x42};
        System.arraycopy(cookie, 0, mask, 2, 2);
        System.arraycopy(cookie, 0, mask, 4, 4);
        mask[11] = (byte) ++transaction;
        mask[19] = 7;
        byte[] out = value.clone();
        for (int i = 0; i < 20; i++) out[i] ^= mask[i];
        return out;
    }

    @Test
    void ownListenersAreNeverReached() {
        ada.allocate();
        assertEquals(403, ada.bind(0x4000, SimulatedRelay.LISTENER));
        // permissions are for addresses: other relayed addresses are there, so it is granted
        assertEquals(0, ada.permit(SimulatedRelay.LISTENER));
        ada.send(SimulatedRelay.LISTENER, PAYLOAD);
        ada.send(SimulatedRelay.LISTENER.withPort(22), PAYLOAD);
        assertEquals(0, relay.toPeers.size());
    }

    @Test
    void ownListenersAreNotReachedWhereTheirAddressIsAllowed() {
        Settings settings =
                SimulatedRelay.with(
                        SimulatedRelay.settings(), List.of("198.51.100.0/24"), List.of());
        var open = new SimulatedRelay(settings);
        var client = new TestClient(open, "9.9.9.9", 1);
        client.allocate();
        assertEquals(403, client.bind(0x4000, SimulatedRelay.LISTENER));
        assertEquals(0, client.bind(0x4001, SimulatedRelay.LISTENER.withPort(9999)));
        client.permit(SimulatedRelay.LISTENER);
        client.send(SimulatedRelay.LISTENER, PAYLOAD);
        assertEquals(0, open.toPeers.size());
        client.channelData(0x4001, PAYLOAD);
        assertEquals(1, open.toPeers.size());
    }

    @Test
    void listenersCannotSpeakToAClientThroughItsRelayedAddress() {
        TransportAddress relayed = ada.allocate();
        ada.permit(SimulatedRelay.LISTENER);
        relay.fromPeer(port(relayed), SimulatedRelay.LISTENER, PAYLOAD);
        assertEquals(0, relay.toClients.size());
    }

    private SimulatedRelay.SimulatedPort port(TransportAddress relayed) {
        var port = relay.ports.get(relayed);
        if (port == null) throw new AssertionError("no port " + relayed);
        return port;
    }

    /** Behind a NAT the announced address is another: packets between our clients stay inside. */
    @Test
    void liveRelayedAddressesAreSwitchedInside() {
        TransportAddress inside = address("10.0.0.5", 0);
        TransportAddress outside = address("198.51.100.9", 0);
        Settings settings =
                SimulatedRelay.with(
                        SimulatedRelay.settings(),
                        List.of(new Settings.Relay(inside, outside)),
                        50_000,
                        50_009);
        var nat = new SimulatedRelay(settings);
        var one = new TestClient(nat, "9.9.9.9", 1);
        var two = new TestClient(nat, "9.9.9.9", 2);
        TransportAddress relayedOne = one.allocate();
        TransportAddress relayedTwo = two.allocate();
        assertTrue(relayedOne.sameAddress(outside));
        assertEquals(0, one.bind(0x4000, relayedTwo));
        assertEquals(0, two.bind(0x4000, relayedOne));
        one.channelData(0x4000, PAYLOAD);
        Sent up = nat.lastToPeer();
        assertEquals(inside.withPort(relayedTwo.port()), up.to);
        var portTwo = nat.ports.get(up.to);
        if (portTwo == null) throw new AssertionError("not bound: " + up.to);
        nat.fromPeer(portTwo, inside.withPort(relayedOne.port()), PAYLOAD);
        Sent down = nat.lastToClient();
        assertEquals(two.address(), down.to);
        assertEquals(0x40, down.bytes[0], "known by the announced address, so it has its channel");
        two.refresh(0);
        one.channelData(0x4000, PAYLOAD);
        assertEquals(0, nat.toPeers.size(), "a dead relayed address is no peer");
    }

    /** RFC 8656 §21.1.7: two allocations whose clients are each other would loop for ever. */
    @Test
    void nobodyAllocatesFromARelayedAddress() {
        TransportAddress relayed = ada.allocate();
        var loop = new TestClient(relay, relayed, "ada", "secret");
        assertEquals(403, loop.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
    }

    @Test
    void aClientAddressThatBecomesARelayedAddressGetsNothing() {
        TransportAddress later = SimulatedRelay.RELAY.withPort(50_003);
        var client = new TestClient(relay, later, "ada", "secret");
        TransportAddress relayed = client.allocate();
        client.permit(PEER);
        relay.fromPeer(port(relayed), PEER, PAYLOAD);
        assertEquals(1, relay.toClients.size());
        assertTrue(relay.shared.own().takePort(later) || relayed.equals(later));
        relay.fromPeer(port(relayed), PEER, PAYLOAD);
        assertEquals(1, relay.toClients.size());
    }

    @Test
    void strangersLeaveNothingBehind() {
        SplittableRandom random = new SplittableRandom(5);
        byte[] allocate = SimulatedRelay.request(StunType.ALLOCATE, TestClient.UDP);
        for (int i = 0; i < 50_000; i++) {
            TransportAddress from =
                    new TransportAddress(
                            0, TransportAddress.ipv4Low(random.nextInt()), 1 + i % 60_000);
            relay.fromClient(from, allocate);
            relay.toClients.clear();
        }
        assertEquals(0, relay.server.allocationCount());
        assertEquals(0, relay.shared.quotas().total());
        assertEquals(0, relay.shared.quotas().accounts());
        assertEquals(0, relay.shared.reservations().count());
        assertEquals(0, relay.ports.size());
        assertEquals(0, relay.notes.size(), "and nothing in the log");
        assertTrue(relay.counters.value(Counter.STRANGERS_LIMITED) > 0);
    }

    @Test
    void answersToStrangersAreSmall() {
        String realm = "relay.example.org";
        Settings it = SimulatedRelay.settings();
        for (String name : new String[] {SimulatedRelay.REALM, realm}) {
            var named =
                    new SimulatedRelay(
                            new Settings(
                                    name,
                                    it.credentials(),
                                    it.policy(),
                                    it.limits(),
                                    it.relays(),
                                    it.firstPort(),
                                    it.lastPort(),
                                    true,
                                    null,
                                    false));
            TransportAddress v4 = address("9.9.9.9", 1);
            TransportAddress v6 = address("2600::9", 1);
            amplifies(named, v4, SimulatedRelay.request(StunType.BINDING, w -> {}), 1.6);
            amplifies(named, v6, SimulatedRelay.request(StunType.BINDING, w -> {}), 2.2);
            amplifies(named, v4, SimulatedRelay.request(StunType.ALLOCATE, TestClient.UDP), 4);
            amplifies(named, v4, SimulatedRelay.request(StunType.ALLOCATE, w -> {}), 4);
            amplifies(named, v4, SimulatedRelay.request(StunType.REFRESH, w -> {}), 4);
            amplifies(
                    named,
                    v4,
                    SimulatedRelay.request(StunType.ALLOCATE, StunWriter::fingerprint),
                    4);
        }
    }

    private static void amplifies(
            SimulatedRelay relay, TransportAddress from, byte[] request, double most) {
        relay.fromClient(from, request);
        Sent answer = relay.lastToClient();
        double factor = (double) answer.bytes.length / request.length;
        assertTrue(factor <= most, answer.bytes.length + " bytes for " + request.length);
        assertTrue(!answer.stun().has(StunAttribute.SOFTWARE));
    }

    @Test
    void strangersOfOnePrefixAreAnsweredSoMuchASecondAndNoMore() {
        byte[] request = SimulatedRelay.request(StunType.ALLOCATE, TestClient.UDP);
        int bytes = 0;
        for (int second = 0; second < 10; second++) {
            for (int i = 0; i < 2000; i++) {
                relay.fromClient(address("9.9.9." + i % 256, 1 + i), request);
                if (!relay.toClients.isEmpty()) bytes += relay.lastToClient().bytes.length;
            }
            relay.advance(1);
        }
        long perSecond = Limits.DEFAULT.strangers().prefixBytesPerSecond();
        assertTrue(bytes <= 12 * perSecond, bytes + " bytes in 10 s");
        assertTrue(bytes >= 9 * perSecond, "and not much less: " + bytes);
        relay.fromClient(PEER, request);
        assertEquals(1, relay.toClients.size(), "others are answered all the same");
    }

    @Test
    void wrongPasswordsUnknownNamesAndTamperedMessagesAreChallenged() {
        ada.ask(StunType.ALLOCATE, TestClient.UDP);
        var wrong = new TestClient(relay, address("9.9.9.9", 2), "ada", "wrong");
        assertEquals(401, wrong.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        var unknown = new TestClient(relay, address("9.9.9.9", 3), "eve", "secret");
        assertEquals(401, unknown.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
        byte[] request = ada.signed(StunType.REFRESH, 99, TestClient.NOTHING);
        for (int i = 20; i < request.length - 24; i++) {
            byte[] changed = request.clone();
            changed[i] ^= 1;
            relay.fromClient(ada.address(), changed);
            if (!relay.toClients.isEmpty()) assertTrue(relay.lastToClient().errorCode() != 0);
        }
    }

    @Test
    void noncesOfOthersAndOldOnesAreStale() {
        ada.allocate();
        ada.refresh(3600);
        byte[] stolen = ada.signed(StunType.ALLOCATE, 5, TestClient.UDP);
        relay.fromClient(address("7.7.7.7", 1111), stolen);
        assertEquals(438, relay.lastToClient().errorCode());
        relay.advance(3500);
        ada.refresh(3600);
        relay.advance(101);
        byte[] old = ada.signed(StunType.REFRESH, 6, TestClient.NOTHING);
        relay.fromClient(ada.address(), old);
        assertEquals(438, relay.lastToClient().errorCode());
        assertEquals(0, ada.refresh(600), "with the nonce of that answer");
    }

    /** RFC 8489 §9.2: SHA-256 for who can, and nobody in between can talk him out of it. */
    @Test
    void sha256AndUserHashWorkAndCannotBeBidDown() {
        relay.fromClient(ada.address(), SimulatedRelay.request(StunType.ALLOCATE, TestClient.UDP));
        StunReader challenge = relay.lastToClient().stun();
        byte[] nonce = challenge.value(challenge.find(StunAttribute.NONCE));
        byte[] offer = challenge.value(challenge.find(StunAttribute.PASSWORD_ALGORITHMS));
        byte[] key = PasswordAlgorithm.SHA256.key("ada", "peerline", "secret");
        byte[] cut = Arrays.copyOf(offer, 4);
        assertEquals(400, askSha256(key, nonce, cut, 2));
        assertEquals(400, askSha256(key, nonce, offer, 9));
        assertEquals(0, askSha256(key, nonce, offer, 2));
        Sent answer = lastAnswer;
        assertTrue(new StunIntegrity().verify(StunIntegrity.Kind.SHA256, answer.stun(), key));
    }

    private Sent lastAnswer = new Sent(PEER, new byte[0], null, false);

    private int askSha256(byte[] key, byte[] nonce, byte[] offer, long algorithm) {
        byte[] request =
                SimulatedRelay.request(
                        StunType.ALLOCATE,
                        it -> {
                            TestClient.UDP.accept(it);
                            byte[] hash = PasswordAlgorithm.userHash("ada", "peerline");
                            it.bytes(StunAttribute.USERHASH, hash)
                                    .text(StunAttribute.REALM, "peerline")
                                    .bytes(StunAttribute.NONCE, nonce)
                                    .bytes(StunAttribute.PASSWORD_ALGORITHMS, offer)
                                    .number(StunAttribute.PASSWORD_ALGORITHM, algorithm << 16)
                                    .integrity(new StunIntegrity(), StunIntegrity.Kind.SHA256, key);
                        });
        relay.fromClient(ada.address(), request);
        lastAnswer = relay.lastToClient();
        return lastAnswer.errorCode();
    }

    @Test
    void timeLimitedCredentialsRunOutForNewAllocationsOnly() {
        var secrets = new TimeLimitedSecrets(List.of("shared"));
        var rest = new SimulatedRelay(SimulatedRelay.settings(secrets));
        String name = rest.epochSeconds + 60 + ":ada";
        var client = new TestClient(rest, address("9.9.9.9", 1), name, secrets.password(name));
        client.allocate();
        rest.advance(61);
        assertEquals(0, client.refresh(600), "a long call goes on");
        var late = new TestClient(rest, address("9.9.9.9", 2), name, secrets.password(name));
        assertEquals(401, late.ask(StunType.ALLOCATE, TestClient.UDP).errorCode());
    }

    @Test
    void aUserWhoWasTakenAwayCannotGoOn() {
        ada.allocate();
        relay.shared.settings(
                SimulatedRelay.settings(StaticUsers.parse(List.of("bob:other"))), relay.nowNanos);
        assertEquals(401, ada.ask(StunType.REFRESH, TestClient.NOTHING).errorCode());
    }

    @Test
    void namesAreCleanedBeforeTheyReachALog() {
        String evil = "a%n\r\n\u001b[31m\"x=y\\ü" + "z".repeat(200);
        var users = new StaticUsers(java.util.Map.of(evil, "p"));
        var named = new SimulatedRelay(SimulatedRelay.settings(users));
        var client = new TestClient(named, address("9.9.9.9", 1), evil, "p");
        client.allocate();
        client.permit(address("127.0.0.1", 1));
        for (Ground.Note note : named.notes) {
            String text = note.toString();
            assertTrue(text.chars().allMatch(c -> c >= ' ' && c < 0x7f), text);
            assertTrue(!text.contains("%") && text.length() < 300, text);
        }
        assertEquals(2, named.notes.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {65_400, 65_440, 65_500, 65_507})
    void lengthsNearTheLimitDoNotWrapAround(int length) {
        TransportAddress relayed = ada.allocate();
        ada.permit(PEER);
        relay.fromPeer(port(relayed), PEER, new byte[length]);
        for (Sent sent : relay.toClients) {
            assertTrue(sent.bytes.length <= 65_507);
            StunReader data = sent.stun();
            assertEquals(length, data.valueLength(data.find(StunAttribute.DATA)));
        }
        assertEquals(length <= 65_440 ? 1 : 0, relay.toClients.size());
    }

    @Test
    void attributesOfAnySizeAreReadWithinTheirBounds() {
        ada.allocate();
        for (int type = 1; type < 0x30; type++) {
            for (int length : new int[] {0, 1, 3, 5, 7, 8, 19, 20, 21, 600}) {
                int attribute = type;
                int size = length;
                for (int method : new int[] {3, 4, 8, 9}) {
                    if (type == 6 || type == 8 || type == 0x14 || type == 0x15) continue;
                    ada.askOnce(method, it -> it.bytes(attribute, new byte[size]));
                }
            }
        }
        assertTrue(relay.server.allocationCount() <= 1);
    }
}
