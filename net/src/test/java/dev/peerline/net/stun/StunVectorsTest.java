package dev.peerline.net.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** The published vectors: RFC 5769, and RFC 8489 appendix B.1 with erratum 6268. */
final class StunVectorsTest {
    private static final byte[] SHORT_TERM_KEY =
            "VOkJxbRl1RmTxUk/WvJxBt".getBytes(StandardCharsets.UTF_8);

    private static final String REQUEST =
            "000100582112a442b7e7a701bc34d686fa87dfae"
                    + "802200105354554e207465737420636c69656e74"
                    + "002400046e0001ff80290008932ff9b151263b36"
                    + "000600096576746a3a68367659202020"
                    + "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
                    + "80280004e57a3bcf";
    private static final String RESPONSE_IPV4 =
            "0101003c2112a442b7e7a701bc34d686fa87dfae"
                    + "8022000b7465737420766563746f7220"
                    + "002000080001a147e112a643"
                    + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
                    + "80280004c07d4c96";
    private static final String RESPONSE_IPV6 =
            "010100482112a442b7e7a701bc34d686fa87dfae"
                    + "8022000b7465737420766563746f7220"
                    + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
                    + "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
                    + "80280004c8fb0b4c";
    private static final String LONG_TERM_REQUEST =
            "000100602112a44278ad3433c6ad72c029da412e"
                    + "00060012e3839ee38388e383aae38383e382afe382b90000"
                    + "0015001c662f2f3439396b3935346436"
                    + "4f4c33346f4c39465354767936347341"
                    + "0014000b6578616d706c652e6f726700"
                    + "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";
    private static final String SHA256_REQUEST =
            "000100902112a44278ad3433c6ad72c029da412e"
                    + "001e00204a3cf38fef6992bda952c6780417da0f2481941556"
                    + "9e60b205c46e41407f1704"
                    + "001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33"
                    + "346f4c39465354767936347341000000"
                    + "0014000b6578616d706c652e6f726700"
                    + "001d000400020000"
                    + "001c0020b5c7bf005b6c52a21c51c5e892f81924136296cb927c4314"
                    + "9309278cc6518e65";

    private final StunIntegrity integrity = new StunIntegrity();

    private static StunReader read(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        StunReader reader = new StunReader();
        assertEquals(StunParse.OK, reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length));
        return reader;
    }

    @Test
    void readsTheSampleRequest() {
        StunReader reader = read(REQUEST);
        assertEquals(StunType.BINDING, reader.method());
        assertEquals(StunType.REQUEST, reader.messageClass());
        assertEquals("evtj:h6vY", reader.text(reader.find(StunAttribute.USERNAME)));
        assertEquals("STUN test client", reader.text(reader.find(StunAttribute.SOFTWARE)));
        assertTrue(integrity.verify(StunIntegrity.Kind.SHA1, reader, SHORT_TERM_KEY));
        assertTrue(StunFingerprint.isValid(reader));
    }

    @Test
    void readsTheSampleResponses() {
        MutableAddress address = new MutableAddress();
        StunReader ipv4 = read(RESPONSE_IPV4);
        assertEquals(4, ipv4.xorAddress(ipv4.find(StunAttribute.XOR_MAPPED_ADDRESS), address));
        assertEquals("192.0.2.1:32853", address.toString());
        assertTrue(integrity.verify(StunIntegrity.Kind.SHA1, ipv4, SHORT_TERM_KEY));
        assertTrue(StunFingerprint.isValid(ipv4));

        StunReader ipv6 = read(RESPONSE_IPV6);
        assertEquals(6, ipv6.xorAddress(ipv6.find(StunAttribute.XOR_MAPPED_ADDRESS), address));
        assertEquals("[2001:db8:1234:5678:11:2233:4455:6677]:32853", address.toString());
        assertTrue(integrity.verify(StunIntegrity.Kind.SHA1, ipv6, SHORT_TERM_KEY));
        assertTrue(StunFingerprint.isValid(ipv6));
    }

    @Test
    void verifiesTheLongTermRequest() {
        StunReader reader = read(LONG_TERM_REQUEST);
        byte[] key = PasswordAlgorithm.MD5.key("マトリックス", "example.org", "TheMatrIX");
        assertTrue(integrity.verify(StunIntegrity.Kind.SHA1, reader, key));
    }

    @Test
    void verifiesTheSha256RequestWithUserHash() {
        StunReader reader = read(SHA256_REQUEST);
        byte[] key = PasswordAlgorithm.SHA256.key("マトリックス", "example.org", "TheMatrIX");
        assertTrue(integrity.verify(StunIntegrity.Kind.SHA256, reader, key));
        assertArrayEquals(
                PasswordAlgorithm.userHash("マトリックス", "example.org"),
                reader.value(reader.find(StunAttribute.USERHASH)));
    }

    @Test
    void writesTheSha256RequestByteForByte() {
        byte[] expected = HexFormat.of().parseHex(SHA256_REQUEST);
        byte[] key = PasswordAlgorithm.SHA256.key("マトリックス", "example.org", "TheMatrIX");
        ByteBuffer out = dirty(expected.length);
        StunWriter writer = new StunWriter();
        writer.begin(out, 0, StunType.BINDING, 0x78ad3433, 0xc6ad72c029da412eL)
                .bytes(StunAttribute.USERHASH, PasswordAlgorithm.userHash("マトリックス", "example.org"))
                .text(StunAttribute.NONCE, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")
                .text(StunAttribute.REALM, "example.org")
                .number(StunAttribute.PASSWORD_ALGORITHM, 2 << 16)
                .integrity(integrity, StunIntegrity.Kind.SHA256, key);
        assertEquals(expected.length, writer.length());
        byte[] written = new byte[expected.length];
        out.get(0, written);
        assertArrayEquals(expected, written);
    }

    @Test
    void writesResponsesThatReadBack() {
        for (String text : new String[] {"192.0.2.1", "2001:db8::7"}) {
            TransportAddress address = TransportAddress.of(InetAddress.ofLiteral(text), 32853);
            ByteBuffer out = dirty(200);
            StunWriter writer = new StunWriter();
            writer.answer(out, 4, read(REQUEST), StunType.SUCCESS)
                    .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, address)
                    .plainAddress(StunAttribute.RESPONSE_ORIGIN, address)
                    .integrity(integrity, StunIntegrity.Kind.SHA1, SHORT_TERM_KEY)
                    .fingerprint();
            StunReader reader = new StunReader();
            assertEquals(StunParse.OK, reader.parse(out, 4, writer.length()));
            assertEquals(0xb7e7a701, reader.transactionHigh());
            assertEquals(0xbc34d686fa87dfaeL, reader.transactionLow());
            assertTrue(integrity.verify(StunIntegrity.Kind.SHA1, reader, SHORT_TERM_KEY));
            assertTrue(StunFingerprint.isValid(reader));
            MutableAddress read = new MutableAddress();
            reader.xorAddress(reader.find(StunAttribute.XOR_MAPPED_ADDRESS), read);
            assertTrue(read.is(address));
            reader.plainAddress(reader.find(StunAttribute.RESPONSE_ORIGIN), read);
            assertTrue(read.is(address));
        }
    }

    @Test
    void padsWithZerosWhateverWasThereBefore() {
        ByteBuffer out = dirty(64);
        new StunWriter()
                .begin(out, 0, StunType.BINDING, 1, 2)
                .text(StunAttribute.REALM, "a")
                .error(401, "b");
        assertEquals(0, out.get(25) | out.get(26) | out.get(27));
        assertEquals(0, out.get(37) | out.get(38) | out.get(39));
    }

    @Test
    void refusesAnyChangedBit() {
        byte[] bytes = HexFormat.of().parseHex(REQUEST);
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            StunReader reader = new StunReader();
            boolean accepted =
                    reader.parse(ByteBuffer.wrap(changed), 0, changed.length) == StunParse.OK
                            && integrity.verify(StunIntegrity.Kind.SHA1, reader, SHORT_TERM_KEY)
                            && StunFingerprint.isValid(reader);
            boolean fingerprintHidden = !reader.has(StunAttribute.FINGERPRINT);
            assertFalse(accepted && !fingerprintHidden, "bit " + bit);
        }
    }

    @Test
    void acceptsTruncatedSha256DownTo16Bytes() {
        byte[] key = {1, 2, 3};
        for (int length = 8; length <= 36; length += 2) {
            ByteBuffer out = ByteBuffer.allocate(64);
            StunWriter writer = new StunWriter().begin(out, 0, StunType.BINDING, 1, 2);
            out.putShort(2, (short) (4 + StunReader.padded(length)));
            byte[] mac = integrity.mac(StunIntegrity.Kind.SHA256, key, out, 0, 20, 24 + length);
            writer.bytes(StunAttribute.MESSAGE_INTEGRITY_SHA256, Arrays.copyOf(mac, length));
            StunReader reader = new StunReader();
            assertEquals(StunParse.OK, reader.parse(out, 0, writer.length()));
            boolean legal = length >= 16 && length <= 32 && length % 4 == 0;
            assertEquals(
                    legal, integrity.verify(StunIntegrity.Kind.SHA256, reader, key), "" + length);
        }
    }

    @Test
    void prepareOpaqueStringsAsRfc8265Says() {
        assertArrayEquals(
                PasswordAlgorithm.SHA256.key("u", "r", "a b\u00e9"),
                PasswordAlgorithm.SHA256.key("u", "r", "a\u00a0be\u0301"));
    }

    private static ByteBuffer dirty(int bytes) {
        byte[] array = new byte[bytes];
        Arrays.fill(array, (byte) 0xee);
        return ByteBuffer.wrap(array);
    }
}
