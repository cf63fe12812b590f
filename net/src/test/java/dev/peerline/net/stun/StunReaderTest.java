package dev.peerline.net.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** What a reader does with messages that are wrong. */
final class StunReaderTest {
    private static final String COOKIE_AND_ID = "2112a442b7e7a701bc34d686fa87dfae";

    private static StunReader parse(StunParse expected, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        StunReader reader = new StunReader();
        assertEquals(expected, reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length));
        return reader;
    }

    @ParameterizedTest
    @CsvSource({
        "TOO_SHORT, ''",
        "TOO_SHORT, 00010000",
        "TOO_SHORT, 000100002112a442b7e7a701bc34d686fa87df",
        "NOT_STUN, 400100002112a442b7e7a701bc34d686fa87dfae",
        "NOT_STUN, 800100002112a442b7e7a701bc34d686fa87dfae",
        "NOT_STUN, 000100002112a443b7e7a701bc34d686fa87dfae",
        "BAD_LENGTH, 000100042112a442b7e7a701bc34d686fa87dfae",
        "BAD_LENGTH, 000100002112a442b7e7a701bc34d686fa87dfae00000000",
        "BAD_LENGTH, 000100012112a442b7e7a701bc34d686fa87dfae00",
        "BAD_LENGTH, 0001fffc2112a442b7e7a701bc34d686fa87dfae00060000",
        "BAD_LENGTH, 0001ffff2112a442b7e7a701bc34d686fa87dfae00060000",
        "ATTRIBUTE_OVERRUN, 000100042112a442b7e7a701bc34d686fa87dfae00060001",
        "ATTRIBUTE_OVERRUN, 000100042112a442b7e7a701bc34d686fa87dfae0006ffff",
        "ATTRIBUTE_OVERRUN, 000100082112a442b7e7a701bc34d686fa87dfae0006000541424344",
        "OK, 000100082112a442b7e7a701bc34d686fa87dfae0006000141000000",
    })
    void tellsWhatIsWrong(StunParse expected, String hex) {
        parse(expected, hex);
    }

    @Test
    void boundsTheNumberOfAttributes() {
        String attribute = "80220000";
        int most = StunReader.MAX_ATTRIBUTES;
        String head = "0001%04x" + COOKIE_AND_ID;
        parse(StunParse.OK, head.formatted(4 * most) + attribute.repeat(most));
        parse(
                StunParse.TOO_MANY_ATTRIBUTES,
                head.formatted(4 * (most + 1)) + attribute.repeat(most + 1));
    }

    @Test
    void doesNotSeeWhatFollowsTheIntegrity() {
        String integrity = "00080014" + "00".repeat(20);
        String username = "0006000141000000";
        String fingerprint = "8028000400000000";
        StunReader reader =
                parse(
                        StunParse.OK,
                        "0001002c"
                                + COOKIE_AND_ID
                                + integrity
                                + username
                                + fingerprint
                                + "80220000");
        assertFalse(reader.has(StunAttribute.USERNAME));
        assertFalse(reader.has(StunAttribute.SOFTWARE));
        assertTrue(reader.has(StunAttribute.FINGERPRINT));
        assertFalse(StunFingerprint.isValid(reader));
    }

    @Test
    void seesSha256AfterSha1AndNothingAfterSha256() {
        String sha1 = "00080014" + "00".repeat(20);
        String sha256 = "001c0020" + "00".repeat(32);
        StunReader both = parse(StunParse.OK, "0001003c" + COOKIE_AND_ID + sha1 + sha256);
        assertEquals(2, both.attributeCount());
        StunReader swapped = parse(StunParse.OK, "0001003c" + COOKIE_AND_ID + sha256 + sha1);
        assertFalse(swapped.has(StunAttribute.MESSAGE_INTEGRITY));
    }

    @Test
    void takesTheFirstOfTwoAttributes() {
        StunReader reader =
                parse(
                        StunParse.OK,
                        "00010010" + COOKIE_AND_ID + "00060001410000000006000142000000");
        assertEquals("A", reader.text(reader.find(StunAttribute.USERNAME)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00010000", // too short
        "0, 0003000000000000", // no such family
        "0, 0002000000000000", // IPv6 in 4 bytes
        "0, 0001000000000000000000000000000000000000", // IPv4 in 16
        "4, 00010000e112a643",
    })
    void refusesMalformedAddresses(int family, String value) {
        String message =
                "0001%04x".formatted(4 + value.length() / 2)
                        + COOKIE_AND_ID
                        + "0012%04x".formatted(value.length() / 2)
                        + value;
        StunReader reader = parse(StunParse.OK, message);
        assertEquals(family, reader.xorAddress(0, new MutableAddress()));
    }

    @Test
    void tellsAnIpv4AddressThatIsWrittenAsIpv6() {
        // ::ffff:127.0.0.1 XOR cookie and transaction
        StunReader reader =
                parse(
                        StunParse.OK,
                        "00010018"
                                + COOKIE_AND_ID
                                + "001200140002000021 12a442b7e7a701bc342979".replace(" ", "")
                                + "8587dfaf");
        MutableAddress address = new MutableAddress();
        assertEquals(6, reader.xorAddress(0, address));
        assertTrue(address.isIpv4());
        assertEquals("127.0.0.1:8466", address.toString());
    }

    @Test
    void numbersAreFourBytes() {
        StunReader reader =
                parse(
                        StunParse.OK,
                        "00010010" + COOKIE_AND_ID + "000d0003000000" + "00" + "000c0004ffffffff");
        assertEquals(-1, reader.number(0));
        assertEquals(0xffffffffL, reader.number(1));
    }

    @Test
    void typesTakeMethodsAndClassesApart() {
        for (int method = 0; method < 0x1000; method++) {
            for (int messageClass : new int[] {0, 0x10, 0x100, 0x110}) {
                int type = StunType.of(method, messageClass);
                assertEquals(method, StunType.method(type));
                assertEquals(messageClass, StunType.messageClass(type));
                assertEquals(0, type & 0xc000);
            }
        }
    }
}
