package dev.peerline.datachannel.ice.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The client against a server that the test plays, in virtual time. */
final class TurnClientTest implements TurnEvents {
    private static final long SECOND = 1_000_000_000;
    private static final TransportAddress RELAYED = address("192.0.2.1", 50_000);
    private static final TransportAddress MAPPED = address("198.51.100.1", 40_000);
    private static final TransportAddress PEER = address("203.0.113.9", 999);

    private final ArrayDeque<ByteBuffer> sent = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private byte[] key = PasswordAlgorithm.MD5.key("user", "realm", "pass");
    private TurnClient client = client(false);
    private long now;

    private static TransportAddress address(String host, int port) {
        return TransportAddress.of(InetAddress.ofLiteral(host), port);
    }

    private TurnClient client(boolean stream) {
        TurnOptions options = new TurnOptions("user", "pass", stream, false, 8 * SECOND);
        return new TurnClient(options, this, random::nextLong);
    }

    @Override
    public void transmit(ByteBuffer message) {
        byte[] copy = new byte[message.remaining()];
        message.get(message.position(), copy);
        sent.add(ByteBuffer.wrap(copy));
    }

    @Override
    public void allocated(TransportAddress relayed, TransportAddress mapped) {
        told.add("allocated " + relayed + " " + mapped);
    }

    @Override
    public void failed(int code, String hint) {
        told.add("failed " + code + " " + hint);
    }

    @Override
    public void packet(TransportAddress peer, ByteBuffer payload) {
        told.add("packet " + peer + " " + StandardCharsets.UTF_8.decode(payload));
    }

    private StunReader next(int method) {
        ByteBuffer message = sent.remove();
        StunReader reader = new StunReader();
        assertEquals(StunParse.OK, reader.parse(message, 0, message.remaining()));
        assertEquals(method, reader.method());
        return reader;
    }

    private void refuse(StunReader request, int code, String nonce) {
        ByteBuffer out = ByteBuffer.allocate(500);
        StunWriter writer = new StunWriter().answer(out, 0, request, StunType.ERROR);
        writer.error(code, "");
        if (!nonce.isEmpty())
            writer.text(StunAttribute.REALM, "realm").text(StunAttribute.NONCE, nonce);
        client.received(out.limit(writer.length()), now);
    }

    private void grant(StunReader request, long lifetime) {
        ByteBuffer out = ByteBuffer.allocate(500);
        StunWriter writer = new StunWriter().answer(out, 0, request, StunType.SUCCESS);
        if (request.method() == StunType.ALLOCATE)
            writer.xorAddress(StunAttribute.XOR_RELAYED_ADDRESS, RELAYED)
                    .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, MAPPED);
        if (lifetime > 0) writer.number(StunAttribute.LIFETIME, lifetime);
        writer.integrity(new StunIntegrity(), StunIntegrity.Kind.SHA1, key);
        client.received(out.limit(writer.length()), now);
    }

    private void allocate() {
        client.start(now);
        refuse(next(StunType.ALLOCATE), 401, "first");
        grant(next(StunType.ALLOCATE), 600);
        assertTrue(client.isAllocated());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void answersAChallengeAndAStaleNonce() {
        client.start(now);
        StunReader bare = next(StunType.ALLOCATE);
        assertFalse(bare.has(StunAttribute.USERNAME));
        refuse(bare, 401, "first");
        StunReader signed = next(StunType.ALLOCATE);
        assertEquals("first", signed.text(signed.find(StunAttribute.NONCE)));
        assertTrue(new StunIntegrity().verify(StunIntegrity.Kind.SHA1, signed, key));
        refuse(signed, 438, "second");
        StunReader again = next(StunType.ALLOCATE);
        assertEquals("second", again.text(again.find(StunAttribute.NONCE)));
        grant(again, 600);
        assertEquals(List.of("allocated " + RELAYED + " " + MAPPED), told);
    }

    @Test
    void saysThatTheCredentialIsWrongAfterTheSecond401() {
        client.start(now);
        refuse(next(StunType.ALLOCATE), 401, "first");
        refuse(next(StunType.ALLOCATE), 401, "first");
        assertTrue(
                told.getFirst().startsWith("failed 401 username or credential"), told.toString());
        assertTrue(sent.isEmpty());
        assertEquals(Long.MAX_VALUE, client.deadline(now));
    }

    @Test
    void sendsAgainUntilItGivesUp() {
        client.start(now);
        int requests = 0;
        StunReader first = next(StunType.ALLOCATE);
        while (client.deadline(now) != Long.MAX_VALUE) {
            now = client.deadline(now);
            client.advance(now);
            if (sent.isEmpty()) continue;
            StunReader later = next(StunType.ALLOCATE);
            assertEquals(first.transactionLow(), later.transactionLow());
            requests++;
        }
        assertEquals(8 * SECOND, now);
        assertEquals(6, requests); // 0.25, 0.75, 1.75, 3.75, 5.75, 7.75 s
        assertTrue(told.getFirst().startsWith("failed 0 no answer"), told.toString());
    }

    @Test
    void sendsNothingTwiceOverAStream() {
        client = client(true);
        client.start(now);
        assertEquals(8 * SECOND, client.deadline(now));
    }

    @Test
    void ignoresAnAnswerThatIsNotTheServers() {
        client.start(now);
        refuse(next(StunType.ALLOCATE), 401, "first");
        StunReader signed = next(StunType.ALLOCATE);
        byte[] right = key;
        key = PasswordAlgorithm.MD5.key("user", "realm", "other");
        grant(signed, 600);
        assertFalse(client.isAllocated());
        key = right;
        grant(signed, 600);
        assertTrue(client.isAllocated());
    }

    @Test
    void holdsPacketsUntilThePeerIsPermittedAndThenBindsAChannel() {
        allocate();
        assertTrue(client.send(bytes("one"), PEER, now));
        assertTrue(client.send(bytes("two"), PEER, now));
        StunReader permission = next(StunType.CREATE_PERMISSION);
        assertTrue(sent.isEmpty());
        grant(permission, 0);
        assertEquals("one", text(next(StunType.SEND)));
        StunReader bind = next(StunType.CHANNEL_BIND);
        assertEquals("two", text(next(StunType.SEND)));
        grant(bind, 0);
        assertTrue(client.send(bytes("three"), PEER, now));
        ByteBuffer data = sent.remove();
        assertEquals(4 + 5, data.remaining()); // not padded over UDP
        assertEquals(0x4000, data.getShort(0));
        assertEquals(5, data.getShort(2));
        client.received(data, now);
        assertEquals("packet " + PEER + " three", told.getLast());
    }

    private static String text(StunReader indication) {
        return indication.text(indication.find(StunAttribute.DATA));
    }

    @Test
    void padsChannelDataOverAStream() {
        client = client(true);
        allocate();
        client.send(bytes("x"), PEER, now);
        grant(next(StunType.CREATE_PERMISSION), 0);
        next(StunType.SEND);
        grant(next(StunType.CHANNEL_BIND), 0);
        client.send(bytes("three"), PEER, now);
        ByteBuffer data = sent.remove();
        assertEquals(12, data.remaining());
        assertEquals(12, TurnFramer.frameBytes(data));
        assertEquals(5, data.getShort(2));
    }

    @Test
    void asksForNoChannelWhileItOnlyChecks() {
        allocate();
        ByteBuffer check = ByteBuffer.allocate(20); // the first byte of STUN is 0
        client.send(check, PEER, now);
        grant(next(StunType.CREATE_PERMISSION), 0);
        next(StunType.SEND);
        client.send(check, PEER, now);
        next(StunType.SEND);
        assertTrue(sent.isEmpty());
    }

    @Test
    void sendsNothingMoreToAPeerThatTheServerForbids() {
        allocate();
        client.send(bytes("x"), PEER, now);
        refuse(next(StunType.CREATE_PERMISSION), 403, "");
        assertFalse(client.send(bytes("y"), PEER, now));
        assertTrue(sent.isEmpty());
        assertTrue(client.isAllocated());
    }

    @Test
    void refreshesAMinuteBeforeTheEndAndRenewsWhatIsUsed() {
        allocate();
        client.send(bytes("x"), PEER, now);
        grant(next(StunType.CREATE_PERMISSION), 0);
        next(StunType.SEND);
        grant(next(StunType.CHANNEL_BIND), 0);
        assertEquals(240 * SECOND, client.deadline(now));
        now = client.deadline(now);
        client.advance(now);
        grant(next(StunType.CHANNEL_BIND), 0); // which renews the permission, too
        now = 540 * SECOND;
        client.advance(now);
        assertTrue(sent.stream().anyMatch(each -> each.getShort(0) == StunType.REFRESH));
    }

    @Test
    void givesTheAllocationUp() {
        allocate();
        client.close(now);
        StunReader refresh = next(StunType.REFRESH);
        assertEquals(0, refresh.number(refresh.find(StunAttribute.LIFETIME)));
        assertFalse(client.isAllocated());
        assertFalse(client.send(bytes("x"), PEER, now));
    }

    @Test
    void takesAnyBytes() {
        allocate();
        for (int i = 0; i < 20_000; i++) {
            byte[] junk = new byte[random.nextInt(60)];
            random.nextBytes(junk);
            if (junk.length > 8 && random.nextBoolean()) {
                ByteBuffer.wrap(junk)
                        .putShort(2, (short) (junk.length - 20 & ~3))
                        .putInt(4, 0x2112a442);
                junk[0] &= 1;
            }
            client.received(ByteBuffer.wrap(junk), now);
        }
        assertTrue(client.isAllocated());
        assertEquals(1, told.size());
    }
}
