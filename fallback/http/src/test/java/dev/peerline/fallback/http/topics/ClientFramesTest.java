package dev.peerline.fallback.http.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

final class ClientFramesTest {
    private final List<String> events = new ArrayList<>();
    private final ClientFrames frames =
            new ClientFrames(
                    new ClientFrames.Receiver() {
                        @Override
                        public void ping(byte[] payload) {
                            events.add("ping " + new String(payload, StandardCharsets.US_ASCII));
                        }

                        @Override
                        public void closed(int code) {
                            events.add("closed " + code);
                        }

                        @Override
                        public void violated(int code, String reason) {
                            events.add("violated " + code);
                        }
                    });

    private void take(String hex) {
        frames.take(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    /** RFC 6455 §5.7, with its mask. */
    private static final String PING_HELLO = "898537fa213d7f9f4d5158";

    @Test
    void answersPingsAndKeepsSilentAboutPongs() {
        take(PING_HELLO + "8a8537fa213d7f9f4d5158" + PING_HELLO);
        assertEquals(List.of("ping Hello", "ping Hello"), events);
    }

    @Test
    void putsFramesTogetherHoweverTheyAreCutApart() {
        byte[] all = HexFormat.of().parseHex(PING_HELLO.repeat(3) + "888200000000" + "03e8");
        for (byte single : all) frames.take(ByteBuffer.wrap(new byte[] {single}));
        assertEquals(List.of("ping Hello", "ping Hello", "ping Hello", "closed 1000"), events);
    }

    @ParameterizedTest
    @CsvSource({
        "888000000000, closed 1000",
        "88820000000003e9, closed 1001",
        "88820000000003ed, closed 1002",
        "8882000000000000, closed 1002",
        "888100000000ff, closed 1000"
    })
    void aCloseIsAnsweredWithItsCode(String hex, String event) {
        take(hex);
        assertEquals(List.of(event), events);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8900", // not masked
                "c98000000000", // a reserved bit
                "098000000000", // a control frame in parts
                "8b8000000000", // an unknown opcode
                "89fe0100" // a control frame that is too long
            })
    void whatIsNoFrameEndsIt(String hex) {
        take(hex + PING_HELLO);
        assertEquals(List.of("violated 1002"), events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8180", "8280", "0180", "81ff", "0080"})
    void dataEndsItBeforeItIsRead(String hex) {
        take(hex);
        assertEquals(List.of("violated 1008"), events);
    }

    @Test
    void nothingIsReadAfterTheEnd() {
        take("888000000000" + PING_HELLO);
        take(PING_HELLO);
        assertEquals(List.of("closed 1000"), events);
    }

    @Test
    void anyBytesAreAValue() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            frames.take(ByteBuffer.wrap(bytes));
        }
        assertFalse(events.isEmpty());
    }

    @Test
    void handshakesAreThoseOfTheRfc() {
        assertEquals(
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocketFrames.accept("dGhlIHNhbXBsZSBub25jZQ=="));
        assertTrue(WebSocketFrames.isKey("dGhlIHNhbXBsZSBub25jZQ=="));
        assertFalse(WebSocketFrames.isKey("dGhlIHNhbXBsZSBub25j"));
        assertFalse(WebSocketFrames.isKey("not base64!"));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 8100",
        "125, 817d",
        "126, 817e007e",
        "65535, 817effff",
        "65536, 817f0000000000010000"
    })
    void lengthsAreWrittenAsShortAsTheyCanBe(int length, String hex) {
        assertEquals(hex, HexFormat.of().formatHex(WebSocketFrames.header(length).toArray()));
    }
}
