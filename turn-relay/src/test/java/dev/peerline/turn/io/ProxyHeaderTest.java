package dev.peerline.turn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The examples are written by hand from the specification (haproxy's proxy-protocol.txt, §2.2). */
final class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String IPV4 = SIGNATURE + "2111000c" + "c6336401cb007107" + "1f900d96";
    private static final String IPV6 =
            SIGNATURE
                    + "21210024"
                    + "20010db8000000000000000000000001"
                    + "20010db8000000000000000000000002"
                    + "1f900d96";

    private static ProxyHeader read(String hex) {
        return ProxyHeader.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    @Test
    void tellsTheClientAndWhereItWentTo() {
        ProxyHeader four = read(IPV4 + "0001");
        assertEquals(28, four.bytes());
        assertEquals("198.51.100.1:8080", String.valueOf(four.source()));
        assertEquals("203.0.113.7:3478", String.valueOf(four.destination()));
        ProxyHeader six = read(IPV6);
        assertEquals(52, six.bytes());
        assertEquals("[2001:db8:0:0:0:0:0:1]:8080", String.valueOf(six.source()));
        assertEquals("[2001:db8:0:0:0:0:0:2]:3478", String.valueOf(six.destination()));
    }

    @Test
    void aHealthCheckOfTheProxyAndUnknownFamiliesTellNobody() {
        for (String own : new String[] {"20000000", "20110000", "21000000", "21310000"}) {
            ProxyHeader header = read(SIGNATURE + own);
            assertEquals(16, header.bytes(), own);
            assertNull(header.source());
        }
    }

    @Test
    void everyBeginningIsIncomplete() {
        for (int length = 0; length < IPV4.length(); length += 2)
            assertEquals(0, read(IPV4.substring(0, length)).bytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "0d0b",
                SIGNATURE + "11110000", // version 1
                SIGNATURE + "22110000", // no such command
                SIGNATURE + "2111000bc6336401cb0071071f900d", // too short for its addresses
                SIGNATURE + "2111ffff", // longer than anybody needs
            })
    void anythingElseIsNone(String hex) {
        assertEquals(-1, read(hex).bytes());
    }
}
