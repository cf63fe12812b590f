package dev.peerline.turn.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetAddress;
import java.util.List;

final class PeerPolicyTest {
    private static final PeerPolicy STRICT = new PeerPolicy(List.of(), List.of());

    /** IPv4 addresses nobody may reach: the first, a middle and the last of each range. */
    private static final String[] FORBIDDEN_IPV4 = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.1.2.3",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.0",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.0",
        "224.0.0.251",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.254",
        "255.255.255.255"
    };

    private static TransportAddress address(String text) {
        return TransportAddress.of(InetAddress.ofLiteral(text), 0);
    }

    private static @Nullable String forbids(PeerPolicy policy, String text) {
        TransportAddress it = address(text);
        return policy.forbids(it.isIpv4() ? 4 : 6, it.high(), it.low());
    }

    @Test
    void forbidsEveryIpv4AddressThatIsNotPublic() {
        for (String text : FORBIDDEN_IPV4) assertNotNull(forbids(STRICT, text), text);
    }

    /** The same again, through every way of writing an IPv4 address in an IPv6 one. */
    @Test
    void forbidsThemInEveryIpv6Encoding() {
        for (String text : FORBIDDEN_IPV4) {
            long v4 = Integer.toUnsignedLong((int) address(text).low());
            long nat64 = 0x0064_ff9bL << 32;
            long[][] encodings = {
                {0, 0xffffL << 32 | v4}, // mapped
                {0, v4}, // compatible
                {0, 0xffff_0000L << 32 | v4}, // translated (RFC 2765)
                {nat64, v4}, // NAT64, well known
                {nat64 | 0x0001_0000L, v4}, // NAT64, local
                {nat64 | 0x0001_7f00L, v4},
                {0x2002L << 48 | v4 << 16, 1}, // 6to4
                {0x2001L << 48 | v4, 0}, // Teredo server
                {0x2001L << 48 | 1, ~v4}, // Teredo client
                {0x2600L << 48, 0x0000_5efeL << 32 | v4}, // ISATAP
                {0x2600L << 48, 0x0200_5efeL << 32 | v4},
            };
            for (long[] it : encodings) {
                String hex = Long.toHexString(it[0]) + ":" + Long.toHexString(it[1]);
                assertNotNull(STRICT.forbids(6, it[0], it[1]), text + " as " + hex);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::",
                "::1",
                "::2",
                "100::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "fc00::1",
                "fd12:3456::1",
                "ff02::1",
                "ff0e::1",
                "2001:db8::1",
                "2001::1",
                "2001:2::1",
                "2001:10::1",
                "2001:1ff:ffff::1",
                "2002:808:808::1",
                "3fff::1",
                "5f00::1",
                "4000::1",
                "1::1",
                "64:ff9b:1::808:808",
                "e000::1"
            })
    void forbidsEveryIpv6AddressThatIsNotPublic(String text) {
        assertNotNull(forbids(STRICT, text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2600::1",
                "2a00:1450::1",
                "2001:200::1",
                "2001:4860:4860::8888",
                "64:ff9b::808:808",
                "2600::5efe:808:808"
            })
    void permitsWhatIsPublic(String text) {
        assertNull(forbids(STRICT, text));
    }

    @Test
    void allowOpensARangeButNotItsDisguises() {
        PeerPolicy lan = new PeerPolicy(List.of(AddressRange.parse("192.168.1.0/24")), List.of());
        assertNull(forbids(lan, "192.168.1.7"));
        assertEquals("private", forbids(lan, "192.168.2.7"));
        TransportAddress it = address("192.168.1.7");
        assertEquals("ipv4-mapped", lan.forbids(6, it.high(), it.low()));
        assertEquals("nat64", forbids(lan, "64:ff9b::c0a8:107"));
    }

    @Test
    void denyBeatsAllow() {
        PeerPolicy policy =
                new PeerPolicy(
                        List.of(AddressRange.parse("10.0.0.0/8")),
                        List.of(AddressRange.parse("10.1.0.0/16"), AddressRange.parse("8.8.8.8")));
        assertNull(forbids(policy, "10.2.0.1"));
        assertEquals("denied", forbids(policy, "10.1.0.1"));
        assertEquals("denied", forbids(policy, "8.8.8.8"));
        assertEquals("nat64", forbids(policy, "64:ff9b::808:808"));
        assertFalse(policy.allows(0, address("10.1.0.1").low()));
    }

    @Test
    void ruleNamesAreAClosedList() {
        for (String text : FORBIDDEN_IPV4) {
            assertTrue(PeerPolicy.ruleNames().contains(forbids(STRICT, text)), text);
        }
        assertTrue(PeerPolicy.ruleNames().contains(forbids(STRICT, "fec0::1")));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "0.0.0.0/0, 1.2.3.4, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::/0, 2001:db8::1, true",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "2001:db8::/65, 2001:db8::7fff:0:0:1, true",
        "2001:db8::/65, 2001:db8::8000:0:0:1, false",
        "1.2.3.4, 1.2.3.4, true",
        "1.2.3.4, 1.2.3.5, false",
    })
    void rangesContain(String range, String text, boolean expected) {
        TransportAddress it = address(text);
        assertEquals(expected, AddressRange.parse(range).contains(it.high(), it.low()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "host/8", "10.0.0.0/x"})
    void saysWhatIsWrongWithARange(String text) {
        assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text));
    }
}
