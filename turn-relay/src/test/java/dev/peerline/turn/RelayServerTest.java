package dev.peerline.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The relay as a whole, over real sockets on loopback. */
final class RelayServerTest {
    /** From 198.51.100.1:8080 to 203.0.113.7:3478. */
    private static final String PROXY_HEADER =
            "0d0a0d0a000d0a515549540a2111000cc6336401cb0071071f900d96";

    private static final byte[] PING = "ping!".getBytes(StandardCharsets.UTF_8);

    static RelayConfig config(String host) {
        return RelayConfig.on(List.of(new InetSocketAddress(InetAddress.ofLiteral(host), 0)))
                .with(
                        new RelayConfig.Peers(
                                List.of(
                                        AddressRange.parse("127.0.0.0/8"),
                                        AddressRange.parse("::1")),
                                List.of(),
                                false));
    }

    static StaticUsers users() {
        return StaticUsers.parse(List.of("user:pass"));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "::1, true", "127.0.0.1, false", "::1, false"})
    void relaysBothWaysOnEveryDriverAndFamily(String host, boolean nativeCalls) throws IOException {
        RelayConfig config = config(host).with(new RelayConfig.Threads(2, nativeCalls));
        try (RelayServer server = RelayServer.start(config, users());
                DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral(host));
                SocketClient client = SocketClient.udp(server.addresses().getFirst())) {
            relays(client, peer);
            RelayMetrics metrics = server.metrics();
            assertEquals(1, metrics.count(Counter.ALLOCATIONS_MADE));
            assertEquals(8, metrics.count(Counter.CLIENT_PACKETS));
            assertEquals(8L * PING.length, metrics.count(Counter.PEER_BYTES));
        }
    }

    private static void relays(SocketClient client, DatagramSocket peer) throws IOException {
        peer.setSoTimeout(10_000);
        client.allocate();
        client.bind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress());
        exchanges(client, peer);
    }

    private static void exchanges(SocketClient client, DatagramSocket peer) throws IOException {
        peer.setSoTimeout(10_000);
        for (int i = 0; i < 8; i++) {
            client.channelData(0x4000, PING);
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            peer.receive(packet);
            assertArrayEquals(PING, Arrays.copyOf(packet.getData(), packet.getLength()));
            peer.send(packet);
            assertArrayEquals(PING, client.readChannelData(0x4000));
        }
    }

    /** The system shares clients out by their address: of ten, some come to each loop. */
    @Test
    void anAllocationFollowsItsClientFromLoopToLoop() throws IOException {
        RelayConfig config = config("127.0.0.1").with(new RelayConfig.Threads(3, true));
        List<SocketClient> clients = new ArrayList<>();
        try (RelayServer server = RelayServer.start(config, users());
                DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            clients.add(SocketClient.udp(server.addresses().getFirst()));
            byte[] ticket = clients.getFirst().allocateMobile();
            clients.getFirst().bind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress());
            for (int i = 0; i < 10; i++) {
                SocketClient next = SocketClient.udp(server.addresses().getFirst());
                clients.add(next);
                next.take(ticket);
                exchanges(next, peer);
            }
            assertEquals(10, server.metrics().count(Counter.ALLOCATIONS_MOVED));
            assertEquals(1, server.metrics().count(Counter.ALLOCATIONS_MADE));
        } finally {
            for (SocketClient client : clients) client.close();
        }
    }

    /** RFC 8016 has no word for it; the sockets of both are of different kinds. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAllocationStaysWhereItIsWhenItsTicketComesOverTcp(boolean nativeCalls)
            throws IOException {
        RelayConfig config = config("127.0.0.1").with(new RelayConfig.Threads(1, nativeCalls));
        try (RelayServer server = RelayServer.start(config, users());
                DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                SocketClient client = SocketClient.udp(server.addresses().getFirst());
                SocketClient stream = SocketClient.tcp(server.addresses().getFirst())) {
            byte[] ticket = client.allocateMobile();
            client.bind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress());
            IOException refused = assertThrows(IOException.class, () -> stream.take(ticket));
            assertEquals("refused with 405", refused.getMessage());
            exchanges(client, peer);
            assertEquals(0, server.metrics().count(Counter.ALLOCATIONS_ENDED));
        }
    }

    @Test
    void servesTcpOnTheSamePort() throws IOException {
        try (RelayServer server = RelayServer.start(config("127.0.0.1"), users());
                DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                SocketClient client = SocketClient.tcp(server.addresses().getFirst())) {
            relays(client, peer);
            assertEquals(1, server.metrics().connections());
        }
    }

    @Test
    void servesTlsAndTakesAnewCertificateWithoutARestart(@TempDir Path folder) throws Exception {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write("first", certificate, key);
        RelayConfig config =
                config("127.0.0.1")
                        .withTls(
                                config("127.0.0.1").listeners().plain(), new Tls(certificate, key));
        try (RelayServer server = RelayServer.start(config, users());
                DatagramSocket peer = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
                SocketClient client = SocketClient.tls(server.tlsAddresses().getFirst())) {
            assertEquals("stun.turn", client.protocol());
            assertEquals("CN=first", client.certificateName());
            relays(client, peer);
            TestCertificates.write("second", certificate, key);
            assertTrue(server.reloadCertificates());
            try (SocketClient later = SocketClient.tls(server.tlsAddresses().getFirst())) {
                assertEquals("CN=second", later.certificateName());
            }
            relays(client, peer); // on the old connection, which has its allocation still
            Files.writeString(key, "nonsense");
            Files.setLastModifiedTime(
                    key,
                    java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 5000));
            assertThrows(IOException.class, server::reloadCertificates);
            try (SocketClient later = SocketClient.tls(server.tlsAddresses().getFirst())) {
                assertEquals("CN=second", later.certificateName());
            }
        }
    }

    @Test
    void aProxyThatIsTrustedSaysWhoTheClientIs() throws IOException {
        RelayConfig plain = config("127.0.0.1");
        RelayConfig proxied =
                plain.with(
                        new RelayConfig.Listeners(
                                plain.listeners().plain(),
                                List.of(),
                                null,
                                List.of(AddressRange.parse("127.0.0.1"))));
        byte[] header = HexFormat.of().parseHex(PROXY_HEADER);
        byte[] binding = HexFormat.of().parseHex("000100002112a442000102030405060708090a0b");
        try (RelayServer server = RelayServer.start(proxied, users())) {
            InetSocketAddress place = server.addresses().getFirst();
            try (Socket socket = new Socket(place.getAddress(), place.getPort())) {
                socket.setSoTimeout(10_000);
                for (byte octet : header) socket.getOutputStream().write(octet);
                socket.getOutputStream().write(binding);
                byte[] answer = socket.getInputStream().readNBytes(32);
                // 198.51.100.1:8080, exclusive-ored with the magic cookie
                assertEquals("00013e82e721c043", HexFormat.of().formatHex(answer, 24, 32));
            }
            try (Socket liar = new Socket(place.getAddress(), place.getPort())) {
                liar.setSoTimeout(10_000);
                liar.getOutputStream().write(binding);
                assertEquals(-1, liar.getInputStream().read());
            }
        }
    }

    @Test
    void aClosedConnectionEndsItsAllocation() throws Exception {
        try (RelayServer server = RelayServer.start(config("127.0.0.1"), users())) {
            SocketClient client = SocketClient.tcp(server.addresses().getFirst());
            InetSocketAddress relayed = client.allocate();
            client.close();
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (server.metrics().count(Counter.ALLOCATIONS_ENDED) == 0) {
                assertTrue(System.nanoTime() < deadline, "the allocation is still there");
                Thread.onSpinWait();
            }
            new DatagramSocket(relayed).close(); // its port is free
        }
    }

    @Test
    void aTakenPortFailsTheStartAndLeavesNothingOpen() throws IOException {
        try (RelayServer server =
                RelayServer.start(
                        config("127.0.0.1").with(new RelayConfig.Threads(1, true)), users())) {
            RelayConfig same =
                    RelayConfig.on(server.addresses()).with(new RelayConfig.Threads(1, true));
            assertThrows(IOException.class, () -> RelayServer.start(same, users()));
        }
    }

    @Test
    void portsAreFreeAfterClose() throws IOException {
        RelayConfig config = config("127.0.0.1");
        RelayServer first = RelayServer.start(config, users());
        RelayConfig same = RelayConfig.on(first.addresses());
        first.close();
        RelayServer.start(same, users()).close();
    }

    @Test
    void usersCanBeReloaded() throws IOException {
        try (RelayServer server = RelayServer.start(config("127.0.0.1"), users());
                SocketClient old = SocketClient.udp(server.addresses().getFirst())) {
            old.allocate();
            server.reload(config("127.0.0.1"), StaticUsers.parse(List.of("user:changed")));
            try (SocketClient late = SocketClient.udp(server.addresses().getFirst())) {
                assertThrows(IOException.class, late::allocate);
            }
            assertEquals(1, server.metrics().count(Counter.ALLOCATIONS_MADE));
        }
    }

    @Test
    void metricsAreTextForPrometheusWithoutLabels() throws IOException {
        try (RelayServer server = RelayServer.start(config("127.0.0.1"), users())) {
            String text = server.metrics().prometheus();
            assertTrue(text.contains("\npeerline_relay_allocations 0\n"), text);
            assertTrue(text.contains("# TYPE peerline_relay_client_bytes_total counter\n"), text);
            assertTrue(!text.contains("{"), text);
        }
    }
}
