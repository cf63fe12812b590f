package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Any datagram at a port: nothing is thrown, nobody is let in, and the session lives. */
final class DemultiplexerFuzzTest {
    private static final TransportAddress STRANGER =
            TransportAddress.of(InetAddress.ofLiteral("127.0.0.1"), 9);

    private static IcePort port;

    @BeforeAll
    static void bind() throws Exception {
        port = IcePort.open(IcePortOptions.loopbackOnly());
    }

    @AfterAll
    static void close() {
        port.close();
    }

    @FuzzTest
    void takesAnyDatagram(FuzzedDataProvider data) throws Exception {
        SharedPort shared = (SharedPort) port;
        try (TestPeer peer = new TestPeer(port, IceOptions.defaults())) {
            peer.session.gather();
            IceParameters remote = new IceParameters("peer", "x".repeat(22));
            peer.session.setRemote(remote, IceRole.CONTROLLED);
            boolean known =
                    false; // whether a check has said that packets from there are the peer's
            while (data.remainingBytes() > 0) {
                boolean signed = data.consumeBoolean();
                known |= signed;
                ByteBuffer datagram =
                        signed
                                ? check(data, peer.session.localParameters())
                                : ByteBuffer.wrap(data.consumeBytes(200));
                if (!datagram.hasRemaining()) continue;
                onLoop(() -> shared.datagram(shared.hosts().getFirst(), STRANGER, datagram));
            }
            onLoop(() -> {});
            assertNotEquals(IceState.FAILED, peer.session.state());
            assertTrue(known || peer.packets.isEmpty(), peer.packets.toString());
        }
    }

    /** A check that is signed as it should be, and says anything. */
    private static ByteBuffer check(FuzzedDataProvider data, IceParameters local) {
        ByteBuffer buffer = ByteBuffer.allocate(2048);
        int type = StunType.of(StunType.BINDING, StunType.REQUEST);
        StunWriter writer =
                new StunWriter().begin(buffer, 0, type, data.consumeInt(), data.consumeLong());
        writer.text(StunAttribute.USERNAME, local.usernameFragment() + ":peer");
        for (int i = data.consumeInt(0, 8); i > 0; i--) {
            writer.bytes(data.consumeInt(0, 0xffff), data.consumeBytes(40));
        }
        byte[] key = local.password().getBytes(StandardCharsets.US_ASCII);
        writer.integrity(new StunIntegrity(), StunIntegrity.Kind.SHA1, key).fingerprint();
        return buffer.limit(writer.length());
    }

    private static void onLoop(Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        port.loop()
                .execute(
                        () -> {
                            try {
                                task.run();
                                done.complete(null);
                            } catch (Throwable problem) {
                                done.completeExceptionally(problem);
                            }
                        });
        done.get();
    }
}
