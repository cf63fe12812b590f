package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.peerline.server.RawHttp2.Frame;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** What is known against HTTP/2 comes to an end, on both ports that speak it. */
@Timeout(180)
final class Http2AbuseTest {
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MIB = 1 << 20;

    private static Serving serving;

    private Http2AbuseTest() {}

    /** Who speaks it. */
    enum Port {
        HTTPS {
            @Override
            int number() {
                return serving.server().http().tlsPort();
            }
        },
        GRPC {
            @Override
            int number() {
                return serving.grpcPort();
            }
        };

        abstract int number();
    }

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--tls-self-signed", "--tls-port=0", "--grpc-port=0");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    /** Sends until the server ends it; what it sent, in bytes. */
    private interface Attack {
        long send(RawHttp2 http) throws IOException;
    }

    /** Reads on the side; the error that the connection ended with, or -1 for none. */
    private static int ends(Port port, long maxBytes, Attack attack) throws Exception {
        try (RawHttp2 http = new RawHttp2(port.number())) {
            AtomicLong error = new AtomicLong(-1);
            AtomicBoolean over = new AtomicBoolean();
            Thread reader =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            while (true) {
                                                Frame frame = http.next();
                                                if (frame.type() == RawHttp2.GOAWAY) {
                                                    error.set(frame.error());
                                                    break;
                                                }
                                            }
                                        } catch (IOException _) {
                                            // It is closed.
                                        }
                                        over.set(true);
                                    });
            long sent = 0;
            try {
                while (!over.get()) {
                    sent += attack.send(http);
                    assertTrue(sent < maxBytes, "it takes " + sent + " bytes, and more");
                }
            } catch (IOException _) {
                // It is closed.
            }
            reader.join();
            return (int) error.get();
        }
    }

    private static void isWell() throws Exception {
        assertEquals(200, RawHttp.get(serving.port(), "/healthz").status());
    }

    @ParameterizedTest
    @EnumSource
    void streamsThatAreTakenBackAtOnceEndTheConnection(Port port) throws Exception {
        int[] stream = {1};
        int error =
                ends(
                        port,
                        4L * MIB,
                        http -> {
                            http.get(stream[0], "/healthz");
                            http.send(
                                    RawHttp2.RST_STREAM,
                                    0,
                                    stream[0],
                                    (byte) 0,
                                    (byte) 0,
                                    (byte) 0,
                                    (byte) 8);
                            stream[0] += 2;
                            return 100;
                        });
        assertTrue(error == ENHANCE_YOUR_CALM || error == -1, "error " + error);
        isWell();
    }

    @ParameterizedTest
    @EnumSource
    void aHeaderThatIsNamedAgainAndAgainIsNotUnfolded(Port port) throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(RawHttp2.request("/healthz"));
        // Into the table (RFC 7541 §6.2.1), and then a byte each: 16 KiB say 60 MiB.
        block.write(0x40);
        RawHttp2.string(block, "x");
        RawHttp2.string(block, "y".repeat(4_000));
        while (block.size() < 16_000) block.write(0x80 | 62);
        byte[] bomb = block.toByteArray();
        int[] stream = {1};
        int error =
                ends(
                        port,
                        64L * MIB,
                        http -> {
                            int flags = RawHttp2.END_HEADERS | RawHttp2.END_STREAM;
                            http.send(RawHttp2.HEADERS, flags, stream[0], bomb);
                            stream[0] += 2;
                            return bomb.length;
                        });
        assertNotEquals(0, error);
        isWell();
    }

    @ParameterizedTest
    @EnumSource
    void headersThatNeverEndAreNotKept(Port port) throws Exception {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        while (block.size() < 8_000) RawHttp2.literal(block, "x", "y".repeat(90));
        byte[] more = block.toByteArray();
        boolean[] begun = {false};
        int error =
                ends(
                        port,
                        16L * MIB,
                        http -> {
                            if (begun[0]) {
                                http.send(RawHttp2.CONTINUATION, 0, 1, more);
                            } else {
                                byte[] first = RawHttp2.request("/healthz");
                                http.send(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, first);
                            }
                            begun[0] = true;
                            return more.length;
                        });
        assertNotEquals(0, error);
        isWell();
    }

    /**
     * One who asks for answers and takes none is not read any more, or closed: either way what
     * waits for him is bounded. The sockets between take some MiB.
     */
    private static void isBounded(Port port, int type, byte... payload) throws Exception {
        long most = 64L * MIB;
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        while (many.size() < 16_000) many.writeBytes(RawHttp2.frame(type, 0, 0, payload));
        byte[] frames = many.toByteArray();
        AtomicLong sent = new AtomicLong();
        try (RawHttp2 http = new RawHttp2(port.number())) {
            Thread flood =
                    Thread.ofPlatform()
                            .daemon()
                            .start(
                                    () -> {
                                        try {
                                            while (sent.get() < most) {
                                                http.send(frames);
                                                sent.addAndGet(frames.length);
                                            }
                                        } catch (IOException _) {
                                            // It is closed.
                                        }
                                    });
            long before = -1;
            // It has come to an end when nothing went out between two healthy answers.
            while (flood.isAlive() && sent.get() != before) {
                before = sent.get();
                for (int i = 0; i < 50; i++) isWell();
            }
            assertTrue(sent.get() < most, "it takes everything");
        }
        isWell();
    }

    @ParameterizedTest
    @EnumSource
    void pingsWhoseAnswersAreNotTakenDoNotPileUp(Port port) throws Exception {
        isBounded(port, RawHttp2.PING, new byte[8]);
    }

    @ParameterizedTest
    @EnumSource
    void settingsWhoseAnswersAreNotTakenDoNotPileUp(Port port) throws Exception {
        isBounded(port, RawHttp2.SETTINGS);
    }

    @Test
    void aConnectionThatDoesNotMindItsNumberOfStreamsHasNoMore() throws Exception {
        try (RawHttp2 http = new RawHttp2(Port.HTTPS.number())) {
            // They wait: none of these is answered by itself.
            for (int i = 0; i < 100; i++) http.get(1 + 2 * i, "/v1/topics/quiet?wait=30");
            for (int i = 100; i < 400; i++) {
                http.get(1 + 2 * i, "/v1/topics/quiet?wait=30");
                Frame refused = http.next();
                while (refused.type() != RawHttp2.DATA) refused = http.next();
                assertEquals(1 + 2 * i, refused.stream());
                String text = new String(refused.payload().toArray(), ISO_8859_1);
                assertTrue(text.contains("TOO_MANY_STREAMS"), text);
            }
        }
        isWell();
    }
}
