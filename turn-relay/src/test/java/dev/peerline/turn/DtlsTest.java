package dev.peerline.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** DTLS to the relay (RFC 8656 §3.1), over real sockets. */
@Execution(ExecutionMode.CONCURRENT)
final class DtlsTest {
    private static final int CHANNEL = 0x4000;
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    @TempDir private Path folder;

    private DatagramSocket peer;

    @BeforeEach
    void open() throws IOException {
        peer = new DatagramSocket(0, HERE);
        peer.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        peer.close();
    }

    private Tls tls(String name) throws Exception {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write(name, certificate, key);
        return new Tls(certificate, key);
    }

    private RelayServer relay(boolean nativeCalls) throws Exception {
        RelayConfig plain =
                RelayServerTest.config("127.0.0.1").with(new RelayConfig.Threads(2, nativeCalls));
        return RelayServer.start(
                plain.withTls(plain.listeners().plain(), tls("first")), RelayServerTest.users());
    }

    private static InetSocketAddress door(RelayServer server) {
        return server.tlsAddresses().getFirst();
    }

    private void relays(SocketClient client, int bytes) throws IOException {
        client.allocate();
        client.bind(CHANNEL, (InetSocketAddress) peer.getLocalSocketAddress());
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) 7);
        for (int i = 0; i < 8; i++) {
            client.channelData(CHANNEL, payload);
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            peer.receive(packet);
            assertArrayEquals(payload, Arrays.copyOf(packet.getData(), packet.getLength()));
            peer.send(packet);
            assertArrayEquals(payload, client.readChannelData(CHANNEL));
        }
    }

    private static void eventually(BooleanSupplier so) throws InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!so.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "waited in vain");
            Thread.sleep(10);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void relaysOnEveryDriverAndTakesAnewCertificate(boolean nativeCalls) throws Exception {
        try (RelayServer server = relay(nativeCalls);
                SocketClient client = SocketClient.dtls(door(server))) {
            assertEquals("stun.turn", client.protocol());
            assertEquals("CN=first", client.certificateName());
            relays(client, 100);
            relays(client, 1_400);
            eventually(() -> server.metrics().connections() == 1);
            tls("second");
            assertTrue(server.reloadCertificates());
            try (SocketClient later = SocketClient.dtls(door(server))) {
                assertEquals("CN=second", later.certificateName());
            }
            relays(client, 100);
        }
    }

    /** Not of the last flight: the JDK's client fails when a part of that comes twice. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, -1, -2, -4})
    void aHandshakeThatLosesADatagramSucceeds(int lost) throws Exception {
        try (RelayServer server = relay(true);
                DtlsSocket socket = new DtlsSocket(door(server), 0, lost)) {
            socket.setSoTimeout(10_000);
            relays(SocketClient.over(socket), 100);
        }
    }

    @Test
    void aStrangerLeavesNothingAndIsAnsweredLessThanHeSaid() throws Exception {
        try (RelayServer server = relay(true);
                DatagramSocket stranger = new DatagramSocket(0, HERE)) {
            stranger.setSoTimeout(10_000);
            byte[] hello = DtlsSocket.hello();
            for (int i = 0; i < 20; i++) {
                stranger.send(new DatagramPacket(hello, hello.length, door(server)));
                DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
                stranger.receive(answer);
                assertTrue(answer.getLength() < hello.length, "amplified");
            }
            assertEquals(0, server.metrics().connections());
        }
    }

    @Test
    void oneThatIsGoneWithoutAWordBeginsAnewFromTheSamePort() throws Exception {
        try (RelayServer server = relay(true)) {
            int port;
            try (DtlsSocket first = new DtlsSocket(door(server), 0, 0)) {
                first.setSoTimeout(10_000);
                port = first.getLocalPort();
                relays(SocketClient.over(first), 100);
            }
            try (DtlsSocket second = new DtlsSocket(door(server), port, 0)) {
                second.setSoTimeout(10_000);
                relays(SocketClient.over(second), 100);
            }
        }
    }

    @Test
    void aGoodbyeFreesTheAllocation() throws Exception {
        try (RelayServer server = relay(true);
                DtlsSocket socket = new DtlsSocket(door(server), 0, 0)) {
            socket.setSoTimeout(10_000);
            relays(SocketClient.over(socket), 100);
            eventually(() -> server.metrics().allocations() == 1);
            socket.leave();
            eventually(() -> server.metrics().allocations() == 0);
            eventually(() -> server.metrics().connections() == 0);
            assertEquals(1, server.metrics().count(Counter.ALLOCATIONS_ENDED));
        }
    }

    @Test
    void garbageDisturbsNobody() throws Exception {
        try (RelayServer server = relay(true);
                DtlsSocket socket = new DtlsSocket(door(server), 0, 0);
                DatagramSocket vandal = new DatagramSocket(0, HERE)) {
            socket.setSoTimeout(10_000);
            Random random = new Random(11);
            byte[] hello = DtlsSocket.hello();
            for (int i = 0; i < 500; i++) {
                byte[] bytes = Arrays.copyOf(hello, 1 + random.nextInt(hello.length));
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                vandal.send(new DatagramPacket(bytes, bytes.length, door(server)));
            }
            relays(SocketClient.over(socket), 100);
        }
    }
}
