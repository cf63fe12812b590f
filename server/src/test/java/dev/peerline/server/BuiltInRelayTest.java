package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.server.relay.BuiltInRelay;
import dev.peerline.turn.probe.TurnProbe;
import dev.peerline.turn.probe.TurnProbe.Login;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** The relay inside of {@code serve}: what peers are told of it, and whom it lets reach what. */
final class BuiltInRelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] PACKET = "ping".getBytes(StandardCharsets.UTF_8);
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @TempDir Path folder;

    private static BuiltInRelay relay(Serving serving) {
        BuiltInRelay relay = serving.server().relay();
        if (relay == null) throw new AssertionError("no relay");
        return relay;
    }

    private static JsonArray iceServers(Serving serving, String... headers) throws IOException {
        String text = RawHttp.get(serving.port(), "/v1/ice-servers", headers).text();
        return JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("iceServers");
    }

    private static Login login(JsonArray servers) {
        JsonObject turn = servers.get(1).getAsJsonObject();
        return new Login(turn.get("username").getAsString(), turn.get("credential").getAsString());
    }

    @Test
    void peersAreToldOfItOverUdpAndTcpWithCredentialsThatItTakes() throws Exception {
        try (Serving serving = Serving.with()) {
            int port = relay(serving).port();
            JsonArray servers = iceServers(serving);
            assertEquals(
                    "[\"stun:127.0.0.1:%d\"]".formatted(port),
                    servers.get(0).getAsJsonObject().get("urls").toString());
            assertEquals(
                    "[\"turn:127.0.0.1:%d?transport=udp\",\"turn:127.0.0.1:%d?transport=tcp\"]"
                            .formatted(port, port),
                    servers.get(1).getAsJsonObject().get("urls").toString());
            InetSocketAddress place = new InetSocketAddress(LOOPBACK, port);
            try (TurnProbe ada = TurnProbe.udp(place, login(servers), PATIENCE);
                    TurnProbe bob = TurnProbe.tcp(place, login(iceServers(serving)), PATIENCE)) {
                InetSocketAddress adas = ada.allocate(false);
                InetSocketAddress bobs = bob.allocate(false);
                ada.permit(bobs);
                bob.permit(adas);
                bob.send(adas, PACKET);
                assertArrayEquals(PACKET, ada.receive());
            }
            String metrics = RawHttp.get(serving.port(), "/metrics").text();
            assertTrue(metrics.contains("\npeerline_relay_allocations_made_total 2\n"), metrics);
        }
    }

    @Test
    void onLoopbackAClientReachesThisMachineButNoListenerOfTheServer() throws Exception {
        try (Serving serving = Serving.with();
                DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
            InetSocketAddress place = new InetSocketAddress(LOOPBACK, relay(serving).port());
            try (TurnProbe ada = TurnProbe.udp(place, login(iceServers(serving)), PATIENCE)) {
                ada.allocate(false);
                InetSocketAddress target = (InetSocketAddress) peer.getLocalSocketAddress();
                ada.permit(target);
                ada.send(place, PACKET); // its own listener: dropped
                ada.send(target, PACKET);
                DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                peer.setSoTimeout((int) PATIENCE.toMillis());
                peer.receive(packet);
                assertArrayEquals(PACKET, Arrays.copyOf(packet.getData(), packet.getLength()));
                String metrics = RawHttp.get(serving.port(), "/metrics").text();
                assertTrue(metrics.contains("\npeerline_relay_forbidden_peers_total 1\n"), metrics);
                assertTrue(metrics.contains("\npeerline_relay_client_packets_total 1\n"), metrics);
            }
        }
    }

    @Test
    void inPublicNobodyReachesThisMachine() throws Exception {
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder.toString());
        try (Serving serving =
                Serving.with(
                        environment,
                        "--public",
                        "--no-self-test",
                        "--turn-listen=127.0.0.1",
                        "--external-ip=127.0.0.1")) {
            InetSocketAddress place = new InetSocketAddress(LOOPBACK, relay(serving).port());
            String token = token(environment);
            JsonArray servers = iceServers(serving, "Authorization: Bearer " + token);
            try (TurnProbe ada = TurnProbe.udp(place, login(servers), PATIENCE)) {
                InetSocketAddress own = ada.allocate(false);
                for (String forbidden : List.of("127.0.0.2", "10.0.0.1", "169.254.169.254")) {
                    InetSocketAddress peer =
                            new InetSocketAddress(InetAddress.ofLiteral(forbidden), 9);
                    IOException refused =
                            assertThrows(IOException.class, () -> ada.permit(peer), forbidden);
                    assertEquals("refused with 403", refused.getMessage(), forbidden);
                }
                ada.permit(own); // a relayed address of its own is a legitimate peer
            }
        }
    }

    private static String token(Map<String, String> environment) {
        java.io.StringWriter out = new java.io.StringWriter();
        java.io.PrintWriter nowhere = new java.io.PrintWriter(java.io.Writer.nullWriter());
        assertEquals(
                0,
                Main.run(
                        environment,
                        new java.io.PrintWriter(out),
                        nowhere,
                        "token",
                        "--room",
                        "*"));
        return out.toString().strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stun.turn", ""})
    void theTlsPortServesTurnBesideHttps(String protocol) throws Exception {
        try (Serving serving = Serving.with("--tls-self-signed", "--tls-port=0")) {
            int port = serving.server().http().tlsPort();
            Login login = login(iceServers(serving));
            InetSocketAddress udp = new InetSocketAddress(LOOPBACK, relay(serving).port());
            try (TurnProbe ada = TurnProbe.on(tls(port, protocol), login, PATIENCE);
                    TurnProbe bob = TurnProbe.udp(udp, login, PATIENCE)) {
                InetSocketAddress adas = ada.allocate(false);
                InetSocketAddress bobs = bob.allocate(false);
                ada.permit(bobs);
                bob.permit(adas);
                for (int i = 0; i < 100; i++) {
                    byte[] packet = new byte[1 + i * 10];
                    packet[i * 10] = (byte) i;
                    ada.send(bobs, packet);
                    assertArrayEquals(packet, bob.receive());
                    bob.send(adas, packet);
                    assertArrayEquals(packet, ada.receive());
                }
                ada.release();
            }
            try (SSLSocket https = tls(port, "http/1.1")) {
                https.getOutputStream()
                        .write(
                                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                assertEquals('H', https.getInputStream().read());
            }
            try (SSLSocket https = tls(port, "")) {
                https.getOutputStream()
                        .write(
                                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII));
                assertEquals('H', https.getInputStream().read());
            }
        }
    }

    private static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, null);
        return context;
    }

    private static SSLSocket tls(int port, String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket(LOOPBACK, port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        if (!protocol.isEmpty()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        assertEquals(protocol, socket.getApplicationProtocol());
        return socket;
    }

    @Test
    void itCanBeLeftOut() throws IOException {
        try (Serving serving = Serving.with("--no-relay")) {
            assertEquals(0, iceServers(serving).size());
            assertEquals(null, serving.server().relay());
        }
    }

    @Test
    void aTakenPortThatWasAskedForIsAnErrorThatSaysWhatToDo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
            String port = String.valueOf(taken.getLocalPort());
            IOException problem =
                    assertThrows(IOException.class, () -> Serving.with("--turn-port", port));
            String said = String.valueOf(problem.getMessage());
            assertTrue(said.contains("Port " + port), said);
            assertTrue(said.contains("--turn-port"), said);
            assertTrue(said.contains("--no-relay"), said);
        }
    }
}
