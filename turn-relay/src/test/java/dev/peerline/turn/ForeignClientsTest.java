package dev.peerline.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.Assumptions;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Clients that other people wrote. Each is skipped, and says so, where it is not installed. They
 * take their time in real time, so they run side by side.
 */
@Execution(ExecutionMode.CONCURRENT)
final class ForeignClientsTest {
    private static final Path UCLIENT = Path.of("/usr/bin/turnutils_uclient");
    private static final Path STUNCLIENT = Path.of("/usr/bin/turnutils_stunclient");
    private static final Path NATDISCOVERY = Path.of("/usr/bin/turnutils_natdiscovery");
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    private static RelayConfig config() {
        InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.ofLiteral("::1"), 0);
        RelayConfig ipv4 = RelayServerTest.config("127.0.0.1");
        return RelayConfig.on(List.of(ipv4.listeners().plain().getFirst(), ipv6))
                .with(ipv4.peers());
    }

    private static void need(Path program) {
        boolean there = Files.isExecutable(program);
        if (!there) System.out.println("skipped: " + program + " is not installed");
        Assumptions.assumeTrue(there, "skipped: " + program + " is not installed");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("foreign", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running: " + command);
            return Files.readString(out, StandardCharsets.ISO_8859_1);
        } finally {
            process.destroyForcibly();
            Files.delete(out);
        }
    }

    /**
     * Some packets there and back by two clients, none of them lost. Nothing is refused either, but
     * with -G: the tool then asks for peers of which it knows that they are none, 2001::172
     * (Teredo) each other time, and goes on.
     */
    private static void losesNothing(RelayServer server, int port, String options)
            throws Exception {
        String all =
                "%s %s -p %d -u user -w pass -n 5 -m 2 -e 127.0.0.1 127.0.0.1"
                        .formatted(UCLIENT, options, port)
                        .replaceAll(" +", " ");
        String output = run(List.of(all.split(" "))) + counted(server);
        assertTrue(output.contains("Total lost packets 0 (0.000000%)"), output);
        assertEquals(0, server.metrics().count(Counter.NO_PORT), output);
        if (options.contains("-G")) return;
        assertEquals(0, server.metrics().count(Counter.FORBIDDEN_PEERS), output);
        assertEquals(0, server.metrics().count(Counter.QUOTA_REACHED), output);
    }

    /** What the relay counted says more of a failure than the tool does. */
    private static String counted(RelayServer server) {
        return Arrays.stream(Counter.values())
                .filter(counter -> server.metrics().count(counter) > 0)
                .map(counter -> counter + " " + server.metrics().count(counter))
                .collect(Collectors.joining(", "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-s", "-M", "-g", "-D", "-G", "-t", "-t -s", "-t -D"})
    void turnutilsLosesNothingToAnEchoingPeer(String options) throws Exception {
        need(UCLIENT);
        DatagramSocket echo = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        Thread thread = Thread.ofVirtual().start(() -> echo(echo));
        try (RelayServer server = RelayServer.start(config(), RelayServerTest.users())) {
            String peer = "-c -r " + echo.getLocalPort();
            int port = server.addresses().getFirst().getPort();
            losesNothing(server, port, options + " " + peer);
        } finally {
            echo.close();
            thread.join();
        }
    }

    private static void echo(DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        try {
            while (true) {
                packet.setLength(2000);
                socket.receive(packet);
                socket.send(packet);
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-y", "-y -s", "-Z -y", "-t -y"})
    void turnutilsLosesNothingBetweenTwoClients(String options) throws Exception {
        need(UCLIENT);
        try (RelayServer server = RelayServer.start(config(), RelayServerTest.users())) {
            losesNothing(server, server.addresses().getFirst().getPort(), options);
        }
    }

    @Test
    void turnutilsLosesNothingOverTcpToPeers() throws Exception {
        need(UCLIENT);
        try (RelayServer server = RelayServer.start(config(), RelayServerTest.users())) {
            losesNothing(server, server.addresses().getFirst().getPort(), "-T");
        }
    }

    /** Not over DTLS (without -t): of its connections every other one speaks version 1.0 alone. */
    @Test
    void turnutilsLosesNothingOverTls(@TempDir Path folder) throws Exception {
        need(UCLIENT);
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write("localhost", certificate, key);
        RelayConfig ipv4 = RelayServerTest.config("127.0.0.1");
        RelayConfig config = ipv4.withTls(ipv4.listeners().plain(), new Tls(certificate, key));
        try (RelayServer server = RelayServer.start(config, RelayServerTest.users())) {
            int port = server.tlsAddresses().getFirst().getPort();
            losesNothing(server, port, "-t -S -y");
        }
    }

    /** OpenSSL's DTLS, and a Binding request in it. */
    @Test
    void opensslLearnsItsAddressOverDtls(@TempDir Path folder) throws Exception {
        need(OPENSSL);
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        TestCertificates.write("localhost", certificate, key);
        RelayConfig ipv4 = RelayServerTest.config("127.0.0.1");
        RelayConfig config = ipv4.withTls(ipv4.listeners().plain(), new Tls(certificate, key));
        try (RelayServer server = RelayServer.start(config, RelayServerTest.users())) {
            int port = server.tlsAddresses().getFirst().getPort();
            String ask = "0001000021" + "12a442" + "4142434445464748494a4b4c";
            String answer = "0101000c" + ask.substring(8);
            assertEquals(answer, tells(port, HexFormat.of().parseHex(ask)));
        }
    }

    /** The header of what OpenSSL is answered; it would wait for more. */
    private static String tells(int port, byte[] request) throws IOException {
        String options = "s_client -dtls1_2 -quiet -alpn stun.turn -connect 127.0.0.1:" + port;
        Process openssl =
                new ProcessBuilder((OPENSSL + " " + options).split(" "))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            openssl.getOutputStream().write(request);
            openssl.getOutputStream().flush();
            return HexFormat.of().formatHex(openssl.getInputStream().readNBytes(20));
        } finally {
            openssl.destroyForcibly();
        }
    }

    @Test
    void turnutilsStunclientLearnsItsAddress() throws Exception {
        need(STUNCLIENT);
        try (RelayServer server = RelayServer.start(config(), RelayServerTest.users())) {
            int port = server.addresses().getFirst().getPort();
            String output = run(List.of(STUNCLIENT.toString(), "-p", "" + port, "127.0.0.1"));
            assertTrue(output.contains("UDP reflexive addr: 127.0.0.1:"), output);
        }
    }

    /** Two addresses, two ports: the tool's verdict on a path without a NAT. */
    @Test
    void turnutilsNatdiscoverySeesThatThereIsNoNat() throws Exception {
        need(NATDISCOVERY);
        int alternate;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.2"))) {
            alternate = free.getLocalPort();
        }
        InetSocketAddress one = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        InetSocketAddress two = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0);
        RelayConfig config =
                RelayConfig.on(List.of(one))
                        .with(
                                new RelayConfig.Listeners(
                                        List.of(one, two), List.of(), null, List.of(), alternate));
        try (RelayServer server = RelayServer.start(config, RelayServerTest.users())) {
            String port = "" + server.addresses().getFirst().getPort();
            String output =
                    run(
                            List.of(
                                    NATDISCOVERY.toString(),
                                    "-m",
                                    "-f",
                                    "-L",
                                    "127.0.0.1",
                                    "-p",
                                    port,
                                    "127.0.0.1"));
            assertTrue(output.contains("NAT with Endpoint Independent Mapping"), output);
            assertTrue(output.contains("NAT with Endpoint Independent Filtering"), output);
        }
    }

    /** aioice as a TURN client on both ends of a connection, over UDP and TCP. */
    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void aioiceConnectsThroughTheRelayAlone(String transport) throws Exception {
        need(PYTHON);
        boolean there =
                run(List.of(PYTHON.toString(), "-c", "import aioice; print('yes')"))
                        .startsWith("yes");
        if (!there) System.out.println("skipped: aioice is not installed");
        Assumptions.assumeTrue(there, "skipped: aioice is not installed");
        try (RelayServer server = RelayServer.start(config(), RelayServerTest.users())) {
            int port = server.addresses().getFirst().getPort();
            Path script = Path.of("src/test/resources/dev/peerline/turn/aioice_relay.py");
            String output =
                    run(List.of(PYTHON.toString(), script.toString(), "" + port, transport));
            assertEquals("ok", output.strip());
        }
    }
}
