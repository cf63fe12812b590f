package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.IceServer.Kind;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sessions through coturn. Skipped, and says so, where it is not installed. */
final class CoturnTest {
    private static final Path TURNSERVER = Path.of("/usr/bin/turnserver");

    @TempDir private static Path folder;
    private static Process coturn;
    private static int port;
    private static int tlsPort;

    @BeforeAll
    static void start() throws Exception {
        boolean there = Files.isExecutable(TURNSERVER);
        if (!there) System.out.println("skipped: " + TURNSERVER + " is not installed");
        Assumptions.assumeTrue(there, "skipped: " + TURNSERVER + " is not installed");
        ServerCertificate files = ServerCertificate.write(folder);
        for (int attempt = 0; attempt < 5; attempt++) {
            port = freePort();
            tlsPort = freePort();
            coturn = new ProcessBuilder(command(files)).redirectErrorStream(true).start();
            if (listens(coturn.inputReader())) return;
            stop(); // somebody was quicker to take the port
        }
        throw new IOException("coturn found every port taken");
    }

    private static List<String> command(ServerCertificate files) {
        return List.of(
                TURNSERVER.toString(),
                "-n",
                "-v",
                "--no-cli",
                "--allow-loopback-peers",
                "--lt-cred-mech",
                "--user=user:pass",
                "--realm=test",
                "--listening-ip=127.0.0.1",
                "--relay-ip=127.0.0.1",
                "--listening-port=" + port,
                "--tls-listening-port=" + tlsPort,
                "--cert=" + files.certificate(),
                "--pkey=" + files.key(),
                "--userdb=" + folder.resolve("users"),
                "--pidfile=" + folder.resolve("pid"),
                "--log-file=stdout");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Reads what it says until it listens, and the rest so that it is never held up. */
    private static boolean listens(BufferedReader output) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line; (line = output.readLine()) != null; ) {
            said.append(line).append('\n');
            if (line.contains("already in use")) return false;
            // one line for each of TCP, TLS, UDP and DTLS, which comes last
            if (line.contains("DTLS/UDP listener opened on: 127.0.0.1:" + tlsPort)) {
                Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
                return true;
            }
        }
        throw new IOException("coturn ended: " + said);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (coturn == null) return;
        coturn.destroy();
        coturn.waitFor();
    }

    @ParameterizedTest
    @EnumSource(names = {"TURN_UDP", "TURN_TCP", "TURN_TLS"})
    void connectsThroughCoturn(Kind kind) throws Exception {
        int place = kind == Kind.TURN_TLS ? tlsPort : port;
        RelayedPaths.connectsToAHost(RelayedPaths.server(kind, place));
        RelayedPaths.connectsToAnotherRelay(RelayedPaths.server(kind, place));
    }
}
