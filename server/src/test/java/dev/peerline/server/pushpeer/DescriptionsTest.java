package dev.peerline.server.pushpeer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.util.List;

final class DescriptionsTest {
    private static final String HEAD =
            "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:u\r\n";
    private static final String HOST =
            "a=candidate:1 1 udp 2130706431 10.0.0.5 8080 typ host ufrag u\r\n";
    private static final String END = "a=end-of-candidates\r\n";

    private DescriptionsTest() {}

    @Test
    void noCandidateOfAnOfferIsTaken() {
        String offer = HEAD + HOST + HOST.replace("10.0.0.5", "x.local") + END;
        assertEquals(HEAD, Descriptions.withoutCandidates(offer));
        assertEquals(HEAD, Descriptions.withoutCandidates(offer.replace("\r\n", "\n")));
    }

    @Test
    void anAddressThatOnlyANatHasIsAnnouncedBesideThoseOfTheMachine() {
        List<InetAddress> announced =
                List.of(
                        InetAddress.ofLiteral("198.51.100.7"),
                        InetAddress.ofLiteral("2001:db8::7"));
        String answer =
                Descriptions.announcing(
                        HEAD + HOST + END, announced, new Descriptions.Ports(8080, 0));
        List<String> candidates =
                answer.lines().filter(line -> line.startsWith("a=candidate:")).toList();
        assertEquals(3, candidates.size());
        assertEquals(
                "a=candidate:announced0 1 udp 2113994751 198.51.100.7 8080 typ host",
                candidates.get(0));
        assertEquals(
                "a=candidate:announced1 1 udp 2113994495 2001:db8:0:0:0:0:0:7 8080 typ host",
                candidates.get(1));
        assertEquals(HOST.strip(), candidates.get(2));
        assertTrue(answer.startsWith(HEAD) && answer.endsWith(END), answer);
    }

    @Test
    void whereTcpIsListenedAtThatIsAnnouncedToo() {
        List<InetAddress> announced = List.of(InetAddress.ofLiteral("198.51.100.7"));
        String answer =
                Descriptions.announcing(
                        HEAD + HOST + END, announced, new Descriptions.Ports(8080, 8443));
        assertTrue(
                answer.contains(
                        "a=candidate:announcedtcp0 1 tcp 1518403583 198.51.100.7 8443 typ host"
                                + " tcptype passive\r\n"),
                answer);
    }

    @Test
    void nothingIsAnnouncedWhereNothingIsTold() {
        assertEquals(
                HEAD + HOST,
                Descriptions.announcing(HEAD + HOST, List.of(), new Descriptions.Ports(1, 1)));
    }

    @Test
    void onlyAnOfferOfADataChannelIsOne() {
        assertTrue(Descriptions.offersChannel(HEAD));
        assertFalse(Descriptions.offersChannel("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
        assertFalse(Descriptions.offersChannel(""));
    }
}
