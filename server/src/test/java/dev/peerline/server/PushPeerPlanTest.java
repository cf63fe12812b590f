package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.ice.TcpOptions;
import dev.peerline.server.pushpeer.PushPeerPlan;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine.ParameterException;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Where the server is a peer, by its mode. */
final class PushPeerPlanTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress PUBLIC = InetAddress.ofLiteral("198.51.100.7");
    private static final InetAddress STRANGE = InetAddress.ofLiteral("10.255.255.254");

    @TempDir Path folder;

    private static PushPeerPlan plan(String... options) throws IOException {
        PushPeerPlan plan = Serving.plan(options).config().pushPeer();
        if (plan == null) throw new AssertionError("it was asked for");
        return plan;
    }

    @Test
    void itIsOffUnlessItIsAskedFor() throws IOException {
        assertNull(Serving.plan("--no-relay").config().pushPeer());
        assertThrows(ParameterException.class, () -> Serving.plan("--push-peer-port=1"));
    }

    @Test
    void onLoopbackItIsOnLoopbackAlone() throws IOException {
        PushPeerPlan plan = plan("--push-peer");
        assertTrue(plan.port().loopback());
        assertFalse(plan.port().addresses().test(STRANGE));
        assertEquals(List.of(), plan.announced());
    }

    @Test
    void inPublicItIsOnAllAddressesAndAnnouncesTheExternalOne() throws IOException {
        PushPeerPlan plan =
                plan(
                        "--push-peer",
                        "--public",
                        "--no-relay",
                        "--listen=127.0.0.1",
                        "--push-peer-port=4433",
                        "--secret-file=" + secret(),
                        "--external-ip=198.51.100.7");
        assertFalse(plan.port().loopback());
        assertTrue(plan.port().addresses().test(STRANGE));
        assertEquals(4433, plan.port().firstPort());
        assertFalse(plan.port().tcp().passive());
        assertFalse(plan.mayMove());
        assertEquals(List.of(PUBLIC), plan.announced());
    }

    @Test
    void itListensForTcpWhereThatIsAskedFor() throws IOException {
        TcpOptions tcp =
                plan("--push-peer", "--push-peer-tcp-port=4434", "--max-push-peers=9").port().tcp();
        assertTrue(tcp.passive());
        assertFalse(tcp.active());
        assertEquals(4434, tcp.port());
        assertEquals(9 + tcp.maxUnknown(), tcp.maxConnections());
        assertThrows(ParameterException.class, () -> Serving.plan("--push-peer-tcp-port=1"));
    }

    private Path secret() throws IOException {
        return Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
    }

    @Test
    void aPortThatIsTakenIsLeftForAnotherUnlessItWasNamed() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0, LOOPBACK)) {
            int port = taken.getLocalPort();
            BindException refused =
                    assertThrows(
                            BindException.class,
                            () ->
                                    Serving.with(
                                                    "--no-relay",
                                                    "--push-peer",
                                                    "--push-peer-port=" + port)
                                            .close());
            String said = String.valueOf(refused.getMessage());
            assertTrue(said.contains("--push-peer-port"), said);
            ServerConfig config = Serving.plan("--no-relay", "--push-peer").config();
            try (Server server = Server.start(on(config, port), InstantSource.system())) {
                var peer = server.pushPeer();
                if (peer == null) throw new AssertionError("it was asked for");
                assertNotEquals(port, peer.port());
            }
        }
    }

    /** As if {@code --port} had said so. */
    private static ServerConfig on(ServerConfig config, int port) {
        PushPeerPlan plan = config.pushPeer();
        if (plan == null) throw new AssertionError("it was asked for");
        return new ServerConfig(
                config.http(),
                config.iceServers(),
                null,
                null,
                new PushPeerPlan(
                        plan.port().withPort(port),
                        plan.mayMove(),
                        plan.announced(),
                        plan.maxPeers(),
                        plan.setupsPerSecond()),
                config.link(),
                config.rooms(),
                config.topics(),
                null);
    }
}
