package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.peerline.server.RawHttp.Answer;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.HttpConfig.Timeouts;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/** Clients that are too slow, too many, too fast or too large. */
@Isolated
final class SlowAndManyTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;

    private Serving open(String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("--public");
        all.add("--secret-file=" + Files.writeString(folder.resolve("secret"), SECRET));
        return Serving.with(Map.of(), all.toArray(String[]::new));
    }

    /** True when the server closes the connection, with or without having answered. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketException _) {
            return true; // reset
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static boolean isAnswered(int port) {
        try {
            return RawHttp.get(port, "/healthz").status() == 200;
        } catch (IOException _) {
            return false; // closed at once
        }
    }

    @Test
    @Timeout(20)
    void withPublicEvenLoopbackHasSoManyConnections() throws IOException {
        try (Serving serving = open("--connections-per-address=3")) {
            List<Socket> open = new ArrayList<>();
            for (int count = 0; count < 3; count++) {
                Socket socket = RawHttp.open(LOOPBACK, serving.port());
                write(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertEquals(200, RawHttp.read(socket.getInputStream(), false).status());
                open.add(socket);
            }
            try (Socket fourth = RawHttp.open(LOOPBACK, serving.port())) {
                assertTrue(isClosed(fourth));
            }
            // The others are as they were, and a place that becomes free is free.
            write(open.get(1), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, RawHttp.read(open.get(1).getInputStream(), false).status());
            open.get(2).close();
            while (!isAnswered(serving.port())) Thread.onSpinWait();
            for (Socket socket : open) socket.close();
        }
    }

    @Test
    void withoutPublicLoopbackHasNoLimitOfItsOwn() throws IOException {
        try (Serving serving =
                Serving.with("--connections-per-address=1", "--requests-per-second=1")) {
            List<Socket> open = new ArrayList<>();
            for (int count = 0; count < 5; count++)
                open.add(RawHttp.open(LOOPBACK, serving.port()));
            for (int count = 0; count < 30; count++)
                assertEquals(200, RawHttp.get(serving.port(), "/v1/config").status());
            for (Socket socket : open) socket.close();
        }
    }

    @Test
    void allTogetherHaveSoManyConnections() throws IOException {
        try (Serving serving = Serving.with("--max-connections=2")) {
            try (Socket one = RawHttp.open(LOOPBACK, serving.port());
                    Socket two = RawHttp.open(LOOPBACK, serving.port())) {
                // Answered, so counted.
                for (Socket open : List.of(one, two)) {
                    write(open, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    assertEquals(200, RawHttp.read(open.getInputStream(), false).status());
                }
                try (Socket three = RawHttp.open(LOOPBACK, serving.port())) {
                    assertTrue(isClosed(three));
                }
            }
        }
    }

    @Test
    void requestsThatComeTooFastAreToldWhenToComeAgain() throws IOException {
        try (Serving serving = open("--requests-per-second=1")) {
            Answer answer = RawHttp.get(serving.port(), "/v1/config");
            for (int count = 0; count < 10 && answer.status() == 200; count++)
                answer = RawHttp.get(serving.port(), "/v1/config");
            assertEquals("429 RATE_LIMITED", answer.status() + " " + answer.code());
            assertEquals("1", answer.header("Retry-After"));
        }
    }

    @Test
    void headsThatAreTooLargeEndTheConnection() throws IOException {
        try (Serving serving = Serving.with();
                Socket socket = RawHttp.open(LOOPBACK, serving.port())) {
            write(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(40_000));
            assertTrue(isClosed(socket));
        }
    }

    /** The server of the command line, with less patience. */
    private static Server impatient(String... options) throws IOException {
        Duration soon = Duration.ofMillis(300);
        ServerConfig config = Serving.plan(options).config();
        HttpConfig http = config.http();
        HttpConfig quick =
                new HttpConfig(
                        http.addresses(),
                        http.port(),
                        http.tls(),
                        http.metrics(),
                        http.lanAddress(),
                        http.doors(),
                        http.clients(),
                        http.tokens(),
                        http.page(),
                        http.limits(),
                        new Timeouts(soon, soon, soon));
        return Server.start(
                new ServerConfig(
                        quick,
                        config.iceServers(),
                        null,
                        null,
                        null,
                        config.link(),
                        config.rooms(),
                        config.topics(),
                        null),
                InstantSource.system());
    }

    @Test
    void whoSendsNothingIsNotWaitedFor() throws IOException {
        try (Server server = impatient();
                Socket silent = RawHttp.open(LOOPBACK, server.http().port());
                Socket half = RawHttp.open(LOOPBACK, server.http().port())) {
            write(half, "GET / HTTP/1.1\r\nHo");
            assertTrue(isClosed(silent));
            assertTrue(isClosed(half));
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws IOException {
        try (Server server = impatient();
                Socket socket = RawHttp.open(LOOPBACK, server.http().port())) {
            write(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(200, RawHttp.read(socket.getInputStream(), false).status());
            assertTrue(isClosed(socket));
        }
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedFor() throws IOException {
        try (Server server = impatient();
                Socket socket = RawHttp.open(LOOPBACK, server.http().port())) {
            write(
                    socket,
                    "POST /v1/link HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
            assertTrue(isClosed(socket));
        }
    }

    @Test
    void aTlsHandshakeThatDoesNotComeIsNotWaitedFor() throws IOException {
        try (Server server = impatient("--tls-self-signed", "--tls-port=0");
                Socket silent = RawHttp.open(LOOPBACK, server.http().tlsPort())) {
            assertTrue(isClosed(silent));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http/1.1", "h2"})
    void whoSaysNothingAfterTheHandshakeIsNotWaitedFor(String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
        try (Server server = impatient("--tls-self-signed", "--tls-port=0");
                Socket socket = RawHttp.open(LOOPBACK, server.http().tlsPort());
                SSLSocket tls =
                        (SSLSocket)
                                context.getSocketFactory()
                                        .createSocket(socket, "localhost", 1, true)) {
            SSLParameters parameters = tls.getSSLParameters();
            if (!protocol.isEmpty()) parameters.setApplicationProtocols(new String[] {protocol});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            assertEquals(protocol, tls.getApplicationProtocol());
            assertTrue(isClosed(tls));
        }
    }

    @Test
    void anHttp2ConnectionWithoutRequestsIsClosed() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
        try (Server server = impatient("--tls-self-signed", "--tls-port=0");
                Socket socket = RawHttp.open(LOOPBACK, server.http().tlsPort());
                SSLSocket tls =
                        (SSLSocket)
                                context.getSocketFactory()
                                        .createSocket(socket, "localhost", 1, true)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            tls.setSSLParameters(parameters);
            // RFC 9113 §3.4: the preface and an empty SETTINGS.
            write(tls, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            assertTrue(isClosed(tls));
        }
    }
}
