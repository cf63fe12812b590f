package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Objects;

final class IceCandidateTest {
    /** As browsers and others write them; what is left out of the second line nobody reads. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0"
                        + "|candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host",
                "a=candidate:842163049 1 udp 1677729535 203.0.113.7 60001 typ srflx raddr 0.0.0.0"
                        + " rport 0 generation 0 ufrag sXq2 network-cost 999"
                        + "|candidate:842163049 1 udp 1677729535 203.0.113.7 60001 typ srflx raddr"
                        + " 0.0.0.0 rport 0 ufrag sXq2",
                "candidate:3 1 UDP 92216831 2001:db8::1 50000 typ relay raddr 2001:db8::2 rport 9"
                        + "|candidate:3 1 udp 92216831 2001:db8::1 50000 typ relay raddr"
                        + " 2001:db8::2 rport 9",
                "candidate:7 1 TCP 1518280447 10.0.0.1 9 typ host tcptype active generation 0"
                        + "|candidate:7 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active",
                "candidate:0 1 UDP 2122187007 2e1a3c70-58a1-4a77-8a58-6a2b7f6a1c11.local 57390 typ"
                        + " host"
                        + "|candidate:0 1 udp 2122187007"
                        + " 2e1a3c70-58a1-4a77-8a58-6a2b7f6a1c11.local 57390 typ host"
            })
    void readsWhatOthersWriteAndWritesItAsTheStandardHasIt(String line, String written) {
        IceCandidate candidate = IceCandidate.parse(line);
        assertNotNull(candidate);
        assertEquals(written, candidate.toString());
        assertEquals(candidate, IceCandidate.parse(written));
    }

    @Test
    void knowsNamesOfMulticastDns() {
        IceCandidate candidate = IceCandidate.parse("candidate:0 1 udp 1 Ab.LOCAL 5 typ host");
        assertTrue(Objects.requireNonNull(candidate).isMdns());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "candidate:",
                "candidate:1 1 udp 1 10.0.0.1 1",
                "candidate:1 1 udp 1 10.0.0.1 1 type host",
                "candidate:1 0 udp 1 10.0.0.1 1 typ host",
                "candidate:1 257 udp 1 10.0.0.1 1 typ host",
                "candidate:1 1 sctp 1 10.0.0.1 1 typ host",
                "candidate:1 1 udp 0 10.0.0.1 1 typ host",
                "candidate:1 1 udp 4294967296 10.0.0.1 1 typ host",
                "candidate:1 1 udp -1 10.0.0.1 1 typ host",
                "candidate:1 1 udp 1 10.0.0.1 65536 typ host",
                "candidate:1 1 udp 1 10.0.0.1 1 typ guest",
                "candidate:1 1 udp 1 10.0.0.1\r\n 1 typ host",
                "candidate:1 1 tcp 1 10.0.0.1 1 typ host",
                "candidate:1 1 udp 1 10.0.0.1 1 typ srflx raddr 1.2.3.4 rport x",
                "candidate:1 1 udp 1 10.0.0.1 1 typ host ufrag a!",
                "candidate:1234567890123456789012345678901234 1 udp 1 10.0.0.1 1 typ host"
            })
    void makesNothingOfWhatIsMalformed(String line) {
        assertNull(IceCandidate.parse(line));
    }

    @Test
    void parametersAreOfTheLengthsOfTheStandard() {
        assertTrue(IceParameters.areValid("abcd", "0123456789012345678901"));
        String password = "0123456789012345678901";
        assertThrows(IllegalArgumentException.class, () -> new IceParameters("abc", password));
        assertThrows(IllegalArgumentException.class, () -> new IceParameters("abcd", "short"));
    }

    @ParameterizedTest
    @CsvSource({
        "stun:stun.example.org, stun:stun.example.org:3478",
        "turn:h:1?transport=udp, turn:h:1?transport=udp",
        "turn:h?transport=tcp, turn:h:3478?transport=tcp",
        "turns:h, turns:h:5349?transport=tcp",
        "turn:[2001:db8::1]:99, turn:[2001:db8::1]:99?transport=udp",
        "TURN:h, turn:h:3478?transport=udp"
    })
    void readsUrlsOfServers(String url, String full) {
        assertEquals(full, IceServer.parse(url, "user", "secret").url());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://h", "turn:", "turn:h:port", "turn:h?transport=sctp"})
    void refusesUrlsThatAreNone(String url) {
        assertThrows(IllegalArgumentException.class, () -> IceServer.parse(url, "user", "secret"));
    }
}
