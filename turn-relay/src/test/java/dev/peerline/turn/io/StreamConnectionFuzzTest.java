package dev.peerline.turn.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.net.TransportAddress;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.policy.PeerPolicy;
import dev.peerline.turn.server.Limits;
import dev.peerline.turn.server.Settings;
import dev.peerline.turn.server.Shared;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Strangers on a connection, in pieces of any size, with and without a proxy's header: no
 * exception, no more than one small message held, and no more answered than the limits say.
 */
final class StreamConnectionFuzzTest {
    private static final TransportAddress CLIENT =
            TransportAddress.of(InetAddress.ofLiteral("9.9.9.9"), 1111);
    private static final TransportAddress LISTENER =
            TransportAddress.of(InetAddress.ofLiteral("198.51.100.1"), 3478);

    /** Counts. */
    private static final class Wire implements StreamTransport {
        private long written;
        private boolean closed;

        @Override
        public void write(ByteBuffer wire) {
            written += wire.remaining();
            wire.position(wire.limit());
        }

        @Override
        public int queuedBytes() {
            return 0;
        }

        @Override
        public void reading(boolean on) {}

        @Override
        public void finish() {
            closed = true;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** It is never started: this test is its thread. */
    private static StreamLoop loop() throws IOException {
        var settings =
                new Settings(
                        "peerline",
                        StaticUsers.parse(List.of("ada:secret")),
                        new PeerPolicy(List.of(), List.of()),
                        Limits.DEFAULT,
                        List.of(),
                        50_000,
                        50_099,
                        true,
                        null,
                        false);
        return new StreamLoop(
                new Shared(settings, new byte[32], System.nanoTime()), new RelayLog(), List.of());
    }

    @FuzzTest(maxDuration = "60s")
    void takesAnythingInAnyPieces(FuzzedDataProvider data) throws IOException {
        try (StreamLoop loop = loop()) {
            var connection =
                    new StreamConnection(loop, CLIENT, LISTENER, null, data.consumeBoolean());
            Wire wire = new Wire();
            connection.transport(wire);
            long sent = 0;
            loop.time();
            while (data.remainingBytes() > 0 && !wire.closed) {
                byte[] piece = data.consumeBytes(data.consumeInt(1, 3000));
                sent += piece.length;
                connection.received(ByteBuffer.wrap(piece));
            }
            // A challenge is at most 4 times its question
            assertTrue(wire.written <= 4 * sent);
            connection.close();
            assertTrue(wire.closed);
        }
    }
}
