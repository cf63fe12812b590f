package dev.peerline.server.door;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.IpLiteral;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Proxies 10.0.0.0/8 and fd00::/8 are trusted; whoever else sends the headers is not. */
final class ClientAddressTest {
    private final ClientAddress clients = new ClientAddress(trusted("10.0.0.0/8", "fd00::/8"));

    private static List<Cidr> trusted(String... ranges) {
        List<Cidr> trusted = new ArrayList<>();
        for (String range : ranges) {
            Cidr cidr = Cidr.parse(range);
            if (cidr == null) throw new AssertionError(range);
            trusted.add(cidr);
        }
        return trusted;
    }

    @ParameterizedTest(name = "{0} with X-Forwarded-For {1} is {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "198.51.100.1 | 203.0.113.9                 | 198.51.100.1",
                "10.0.0.1     | ''                          | 10.0.0.1",
                "10.0.0.1     | 203.0.113.9                 | 203.0.113.9",
                "10.0.0.1     | 1.1.1.1, 203.0.113.9        | 203.0.113.9",
                "10.0.0.1     | 203.0.113.9, 10.0.0.2       | 203.0.113.9",
                "10.0.0.1     | 6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.3 | 203.0.113.9",
                "10.0.0.1     | 203.0.113.9, unknown        | 10.0.0.1",
                "10.0.0.1     | 203.0.113.9:4711            | 203.0.113.9",
                "10.0.0.1     | 2001:db8::7                 | 2001:db8::7",
                "10.0.0.1     | [2001:db8::7]:80            | 2001:db8::7",
                "fd00::1      | 203.0.113.9                 | 203.0.113.9",
                "10.0.0.1     | 127.0.0.1                   | 127.0.0.1",
                "10.0.0.1     | evil.example                | 10.0.0.1"
            })
    void theLastStrangerIsTheClient(String peer, String forwardedFor, String client) {
        List<String> headers = forwardedFor.isEmpty() ? List.of() : List.of(forwardedFor);
        assertEquals(address(client), clients.of(address(peer), List.of(), headers));
    }

    @ParameterizedTest(name = "{0} with Forwarded {1} is {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1     | for=203.0.113.9;proto=https         | 203.0.113.9",
                "10.0.0.1     | For=\"[2001:db8::7]:4711\"          | 2001:db8::7",
                "10.0.0.1     | for=1.1.1.1, for=203.0.113.9        | 203.0.113.9",
                "10.0.0.1     | for=203.0.113.9, by=x;for=10.0.0.9  | 203.0.113.9",
                "10.0.0.1     | for=_hidden                         | 10.0.0.1",
                "198.51.100.1 | for=203.0.113.9                     | 198.51.100.1"
            })
    void forwardedBeatsTheOlderHeader(String peer, String forwarded, String client) {
        assertEquals(
                address(client), clients.of(address(peer), List.of(forwarded), List.of("9.9.9.9")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"proto=https;for=1.1.1.1|https", "for=1.1.1.1|", "proto=gopher|"})
    void theSchemeIsTheNearestProxys(String forwarded, String scheme) {
        assertEquals(scheme, ClientAddress.scheme(List.of(forwarded), List.of("http")));
        assertEquals("https", ClientAddress.scheme(List.of(), List.of("http, https")));
    }

    private static InetAddress address(String text) {
        InetAddress address = IpLiteral.parse(text);
        if (address == null) throw new AssertionError(text);
        return address;
    }
}
