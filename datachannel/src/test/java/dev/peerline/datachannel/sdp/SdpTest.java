package dev.peerline.datachannel.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sdp.DescriptionWriter.Section;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** Real offers (written down from runs), and what becomes of malformed ones. */
final class SdpTest {
    private static final Fingerprint OURS = Fingerprint.of(Fingerprint.SHA_256, new byte[32]);

    private static String offer(String name) throws IOException {
        try (InputStream in = SdpTest.class.getResourceAsStream(name + ".sdp")) {
            assertNotNull(in, name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static ParsedDescription parsed(String sdp) {
        return assertInstanceOf(ParsedDescription.class, SdpParser.parse(sdp));
    }

    @ParameterizedTest
    @CsvSource({
        "chromium-156, 0, 262144, 0, true, false",
        "chromium-156-audio, 1, 262144, 0, true, false",
        "libdatachannel, 0, 262144, 2, true, true",
        "werift, 0, 65536, 2, true, true",
        "aiortc, 0, 65536, 2, false, true",
    })
    void readsRealOffers(
            String name, int section, int maxMessage, int candidates, boolean trickle, boolean end)
            throws IOException {
        ParsedDescription offer = parsed(offer(name));
        assertEquals(section, offer.dataSection());
        MediaDescription media = offer.media().get(section);
        assertEquals(String.valueOf(section), media.mid());
        assertEquals(5000, media.effectiveSctpPort());
        assertEquals(maxMessage, media.effectiveMaxMessageBytes());
        assertEquals(candidates, media.candidates().size());
        assertEquals(end, media.endOfCandidates());
        assertEquals(trickle, offer.trickle());
        assertTrue(offer.isBundled(section));
        assertFalse(offer.iceLite());
        TransportDescription transport = offer.transport(section);
        assertEquals(Setup.ACTPASS, transport.setup());
        assertNotNull(transport.ufrag());
        assertNotNull(transport.password());
        assertEquals("sha-256", transport.fingerprints().getFirst().algorithm());
        assertEquals(32, transport.fingerprints().getFirst().hash().length);
    }

    private static String answerTo(ParsedDescription offer) {
        DescriptionWriter.Local local =
                new DescriptionWriter.Local(
                        "ufra",
                        "password",
                        OURS,
                        Setup.ACTIVE,
                        5000,
                        262144,
                        null,
                        List.of("candidate:1 1 udp 1 192.0.2.1 9 typ host"),
                        true);
        return DescriptionWriter.write(1, 2, DescriptionWriter.answering(offer), local);
    }

    /** RFC 3264 §6: as many sections, in the same order; RFC 9429 §5.3.1: port 0 rejects. */
    @Test
    void rejectsAudioAndAcceptsDataInTheOrderOfTheOffer() throws IOException {
        ParsedDescription answer = parsed(answerTo(parsed(offer("chromium-156-audio"))));
        assertEquals(2, answer.media().size());
        assertEquals("audio", answer.media().get(0).kind());
        assertTrue(answer.media().get(0).isRejected());
        assertEquals("0", answer.media().get(0).mid());
        assertEquals(1, answer.dataSection());
        assertEquals(List.of(List.of("1")), answer.bundles());
        assertEquals(Setup.ACTIVE, answer.transport(1).setup());
        assertEquals("ufra", answer.transport(1).ufrag());
        assertEquals(List.of(OURS), answer.transport(1).fingerprints());
        assertTrue(answer.media().get(1).endOfCandidates());
    }

    /** Unknown attributes that are echoed have broken browsers: {@code a=sctp-init} for one. */
    @Test
    void neverRepeatsWhatItDoesNotKnow() throws IOException {
        String offer =
                offer("chromium-156")
                        + "a=sctp-init:AQIDBA==\r\na=unheard:of\r\na=extmap-allow-mixed\r\n";
        String answer = answerTo(parsed(offer));
        for (String word : List.of("sctp-init", "unheard", "extmap", "msid", "WMS"))
            assertFalse(answer.contains(word), word);
    }

    @Test
    void answersTheGrammarBeforeRfc8841InKind() throws IOException {
        ParsedDescription offer = parsed(offer("aiortc"));
        assertTrue(offer.media().getFirst().isLegacy());
        String answer = answerTo(offer);
        assertTrue(answer.contains("m=application 9 DTLS/SCTP 5000\r\n"), answer);
        assertTrue(answer.contains("a=sctpmap:5000 webrtc-datachannel 65535\r\n"), answer);
        assertFalse(answer.contains("a=sctp-port"), answer);
        assertEquals(0, parsed(answer).dataSection());
    }

    /** RFC 8843 §7.1.3: what is said for the whole bundle is said once, where it is tagged. */
    @Test
    void aBundledSectionTakesItsTransportFromTheTaggedOne() {
        ParsedDescription offer =
                parsed(
                        """
                        v=0
                        o=- 1 1 IN IP4 127.0.0.1
                        s=-
                        t=0 0
                        a=group:BUNDLE a d
                        a=setup:actpass
                        m=audio 9 UDP/TLS/RTP/SAVPF 111
                        a=mid:a
                        a=ice-ufrag:tagg
                        a=ice-pwd:taggedtaggedtaggedtagg
                        a=fingerprint:SHA-256 0A:0b
                        m=application 0 UDP/DTLS/SCTP webrtc-datachannel
                        a=mid:d
                        a=bundle-only
                        a=sctp-port:5001
                        """);
        assertEquals(1, offer.dataSection());
        TransportDescription transport = offer.transport(1);
        assertEquals("tagg", transport.ufrag());
        assertEquals("sha-256 0A:0B", transport.fingerprints().getFirst().toString());
        assertEquals(Setup.ACTPASS, transport.setup());
        assertEquals(5001, offer.media().get(1).effectiveSctpPort());
        assertEquals(65536, offer.media().get(1).effectiveMaxMessageBytes());
    }

    @Test
    void aRejectedSectionIsNoDataSection() throws IOException {
        String rejected = offer("chromium-156").replace("m=application 9", "m=application 0");
        assertEquals(-1, parsed(rejected).dataSection());
    }

    @Test
    void anyLineEndingWillDo() throws IOException {
        String offer = offer("chromium-156");
        assertEquals(parsed(offer), parsed(offer.replace("\r\n", "\n")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m=application 70000 UDP/DTLS/SCTP webrtc-datachannel",
                "m=application nine UDP/DTLS/SCTP webrtc-datachannel",
                "m=application 9 UDP/DTLS/SCTP",
                "a=fingerprint:sha-256 GG",
                "a=fingerprint:sha-256",
                "a=setup:perhaps",
                "a=sctp-port:65536",
                "a=max-message-size:-1",
                "a=mid:with space",
                "a=ice-ufrag:",
                "no line",
                "=",
            })
    void saysWhichLineIsMalformed(String line) throws IOException {
        String offer = offer("chromium-156") + line + "\r\n";
        SdpResult.Malformed malformed =
                assertInstanceOf(SdpResult.Malformed.class, SdpParser.parse(offer));
        assertEquals(offer.split("\r\n").length, malformed.line(), malformed.reason());
    }

    @Test
    void limitsSectionsCandidatesAndLength() throws IOException {
        String offer = offer("chromium-156");
        String candidate = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
        assertInstanceOf(
                ParsedDescription.class,
                SdpParser.parse(offer + candidate.repeat(SdpParser.MAX_CANDIDATES)));
        assertInstanceOf(
                SdpResult.Malformed.class,
                SdpParser.parse(offer + candidate.repeat(SdpParser.MAX_CANDIDATES + 1)));
        assertInstanceOf(
                SdpResult.Malformed.class,
                SdpParser.parse(offer + "m=audio 9 X 0\r\n".repeat(SdpParser.MAX_SECTIONS)));
        assertInstanceOf(
                SdpResult.Malformed.class,
                SdpParser.parse(offer + "x".repeat(SdpParser.MAX_CHARACTERS)));
        assertInstanceOf(SdpResult.Malformed.class, SdpParser.parse(""));
    }

    /** Whatever comes is a result, and what was read once can be answered. */
    @Test
    void neverThrowsWhateverComes() throws IOException {
        for (String name : List.of("chromium-156-audio", "libdatachannel", "aiortc")) {
            byte[] offer = offer(name).getBytes(StandardCharsets.UTF_8);
            for (long seed = 1; seed <= 300; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                byte[] broken = offer.clone();
                int faults = 1 + random.nextInt(6);
                for (int i = 0; i < faults; i++)
                    broken[random.nextInt(broken.length)] = (byte) random.nextInt(128);
                SdpResult result = SdpParser.parse(new String(broken, StandardCharsets.ISO_8859_1));
                if (result instanceof ParsedDescription read)
                    assertInstanceOf(ParsedDescription.class, SdpParser.parse(answerTo(read)));
            }
        }
    }

    @Test
    void anOfferOfOursIsReadAsItWasMeant() {
        DescriptionWriter.Local local =
                new DescriptionWriter.Local(
                        "abcd", "secret", OURS, Setup.ACTPASS, 5000, 0, "AQ==", List.of(), false);
        String sdp = DescriptionWriter.write(7, 0, List.of(Section.dataChannel("data")), local);
        ParsedDescription offer = parsed(sdp);
        assertEquals(0, offer.dataSection());
        assertTrue(offer.trickle());
        assertEquals(Integer.MAX_VALUE, offer.media().getFirst().effectiveMaxMessageBytes());
        assertEquals("AQ==", offer.media().getFirst().sctpInit());
        assertNull(Fingerprint.parse("sha-256"));
    }
}
