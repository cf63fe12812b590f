package dev.peerline.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** TCP to peers (RFC 6062), over real sockets on loopback. */
final class TcpRelayTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /** More than all buffers on the way hold. */
    private static final int BULK_BYTES = 12 << 20;

    private RelayServer server;
    private SocketClient control;

    @BeforeEach
    void start() throws IOException {
        server = RelayServer.start(RelayServerTest.config("127.0.0.1"), RelayServerTest.users());
        control = SocketClient.tcp(place());
    }

    @AfterEach
    void stop() throws IOException {
        control.close();
        server.close();
    }

    private InetSocketAddress place() {
        return server.addresses().getFirst();
    }

    @Test
    void whatIsSentArrivesOnBothSidesThoughTheReadersAreSlow() throws Exception {
        InetSocketAddress relayed = control.allocateTcp();
        try (ServerSocket listener = new ServerSocket(0, 1, LOOPBACK);
                SocketClient second = SocketClient.tcp(place())) {
            int id = control.connect((InetSocketAddress) listener.getLocalSocketAddress());
            Socket peer = listener.accept();
            assertEquals(relayed, peer.getRemoteSocketAddress());
            Socket data = second.come(id);
            carries(data, peer);
            carries(peer, data);
            // What was sent before the end arrives before the end
            peer.getOutputStream().write(new byte[100_000]);
            peer.close();
            assertEquals(100_000, data.getInputStream().readAllBytes().length);
            control.permit(relayed); // the allocation is there still
        }
    }

    private static void carries(Socket from, Socket to) throws Exception {
        byte[] bulk = new byte[BULK_BYTES];
        new SplittableRandom(6062).nextBytes(bulk);
        CompletableFuture<Void> sent =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                from.getOutputStream().write(bulk);
                            } catch (IOException problem) {
                                throw new AssertionError(problem);
                            }
                        });
        assertArrayEquals(bulk, to.getInputStream().readNBytes(BULK_BYTES));
        sent.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aPeerThatIsPermittedConnectsToTheRelayedAddress() throws Exception {
        InetSocketAddress relayed = control.allocateTcp();
        try (Socket stranger = new Socket(relayed.getAddress(), relayed.getPort())) {
            stranger.setSoTimeout(10_000);
            assertEquals(-1, stranger.getInputStream().read());
        }
        control.permit(new InetSocketAddress(LOOPBACK, 1));
        try (Socket peer = new Socket(relayed.getAddress(), relayed.getPort());
                SocketClient second = SocketClient.tcp(place())) {
            peer.getOutputStream().write("early".getBytes(UTF_8));
            Socket data = second.come(control.awaitAttempt());
            assertEquals("early", new String(data.getInputStream().readNBytes(5), UTF_8));
            data.getOutputStream().write("late".getBytes(UTF_8));
            assertEquals("late", new String(peer.getInputStream().readNBytes(4), UTF_8));
            data.close();
            peer.setSoTimeout(10_000);
            assertEquals(-1, peer.getInputStream().read());
        }
    }

    @Test
    void theEndOfTheControlConnectionEndsEverything() throws Exception {
        control.allocateTcp();
        try (ServerSocket listener = new ServerSocket(0, 1, LOOPBACK);
                SocketClient second = SocketClient.tcp(place())) {
            int id = control.connect((InetSocketAddress) listener.getLocalSocketAddress());
            Socket peer = listener.accept();
            Socket data = second.come(id);
            control.close();
            peer.setSoTimeout(10_000);
            assertEquals(-1, peer.getInputStream().read());
            assertEquals(-1, data.getInputStream().read());
        }
    }

    @Test
    void aConnectionIsGoodForItsOwnerOnce() throws Exception {
        control.allocateTcp();
        try (ServerSocket listener = new ServerSocket(0, 1, LOOPBACK);
                SocketClient second = SocketClient.tcp(place());
                SocketClient third = SocketClient.tcp(place())) {
            InetSocketAddress peer = (InetSocketAddress) listener.getLocalSocketAddress();
            int id = control.connect(peer);
            isRefused(400, () -> third.come(id + 1));
            isRefused(446, () -> control.connect(peer));
            second.come(id);
            isRefused(400, () -> third.come(id));
        }
    }

    @Test
    void whatCannotBeConnectedIsToldSo() throws Exception {
        control.allocateTcp();
        int free;
        try (ServerSocket listener = new ServerSocket(0, 1, LOOPBACK)) {
            free = listener.getLocalPort();
        }
        isRefused(447, () -> control.connect(new InetSocketAddress(LOOPBACK, free)));
    }

    @Test
    void noPeerOfThisMachineAndNoListenerIsReachedUnlessAllowed() throws Exception {
        control.allocateTcp();
        isRefused(403, () -> control.connect(place())); // its own listener, though allowed
        RelayConfig strict = RelayConfig.on(List.of(new InetSocketAddress(LOOPBACK, 0)));
        try (RelayServer other =
                        RelayServer.start(strict, StaticUsers.parse(List.of("user:pass")));
                ServerSocket listener = new ServerSocket(0, 1, LOOPBACK);
                SocketClient client = SocketClient.tcp(other.addresses().getFirst())) {
            client.allocateTcp();
            InetSocketAddress peer = (InetSocketAddress) listener.getLocalSocketAddress();
            isRefused(403, () -> client.connect(peer));
            assertEquals(1, other.metrics().count(Counter.FORBIDDEN_PEERS));
        }
    }

    private interface Asking {
        void ask() throws IOException;
    }

    private static void isRefused(int code, Asking asking) {
        IOException problem = assertThrows(IOException.class, asking::ask);
        assertEquals("refused with " + code, problem.getMessage());
    }
}
