package dev.peerline.server;

import static dev.peerline.server.GrpcClient.after;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.grpc.GrpcPlan;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.SimpleTrustManagerFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine.ParameterException;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;

/** Where gRPC is served, and how it is kept from listeners. */
final class GrpcPortTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;

    /** A file with a secret. */
    static Path secret() throws IOException {
        Path file = Files.createTempFile("peerline", "secret");
        file.toFile().deleteOnExit();
        return Files.writeString(file, SECRET + "\n");
    }

    /** May publish and read everything below {@code a}, and that. */
    static String token() {
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        List<String> scope = List.of("a", "a.>");
        Instant soon = Instant.now().plusSeconds(600);
        return tokens.mint(new Claims(null, null, scope, scope, soon));
    }

    private static final class Seeing extends SimpleTrustManagerFactory {
        private final AnyCertificate seen;

        private Seeing(AnyCertificate seen) {
            this.seen = seen;
        }

        @Override
        protected void engineInit(KeyStore keyStore) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected TrustManager[] engineGetTrustManagers() {
            return new TrustManager[] {seen};
        }
    }

    private static String shown(int port) throws IOException {
        AnyCertificate seen = new AnyCertificate();
        try (GrpcClient client =
                new GrpcClient(
                        NettyChannelBuilder.forAddress("localhost", port)
                                .sslContext(
                                        GrpcSslContexts.forClient()
                                                .trustManager(new Seeing(seen))
                                                .build()))) {
            assertNotNull(client.publish("a", "x"));
            assertTrue(client.push().subscribe(after("a", "0")).next().hasStarted());
        }
        return seen.first().getSubjectX500Principal().getName();
    }

    @Test
    @Timeout(120)
    void whereTlsIsConfiguredItIsNeededAndARenewedCertificateIsShown() throws Exception {
        Pem files = Pem.make(folder, "old.example");
        Pem renewed = Pem.make(folder, "new.example");
        try (Serving serving =
                Serving.with(
                        "--tls-cert=" + files.chain(),
                        "--tls-key=" + files.key(),
                        "--tls-port=0",
                        "--grpc-port=0")) {
            int port = serving.grpcPort();
            assertEquals("CN=old.example", shown(port));
            try (GrpcClient plain = new GrpcClient(port)) {
                assertThrows(StatusRuntimeException.class, () -> plain.publish("a", "x"));
            }
            Files.move(renewed.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
            Files.move(renewed.chain(), files.chain(), StandardCopyOption.REPLACE_EXISTING);
            while (!shown(port).equals("CN=new.example")) Thread.onSpinWait();
        }
    }

    @Test
    void toThePublicItSpeaksWithTlsAlone() throws Exception {
        String secret = "--secret-file=" + secret();
        ParameterException refused =
                assertThrows(
                        ParameterException.class,
                        () -> Serving.plan("--public", secret, "--grpc-port=9999"));
        assertTrue(
                refused.toString().contains("gRPC outside of loopback needs TLS"),
                refused.toString());
        GrpcPlan confined = plan("--public", secret);
        assertTrue(confined.confined());
        assertFalse(confined.mayMove());
        assertEquals(9090, confined.port());
        for (InetAddress address : confined.addresses()) assertTrue(address.isLoopbackAddress());
        GrpcPlan secure = plan("--public", secret, "--tls-self-signed", "--grpc-port=9999");
        assertFalse(secure.confined());
        assertNotNull(secure.tls());
        assertTrue(secure.addresses().getFirst().isAnyLocalAddress());
        assertFalse(plan("--public", secret, "--listen=127.0.0.1", "--grpc-port=1").confined());
        assertThrows(ParameterException.class, () -> Serving.plan("--no-grpc", "--grpc-port=9999"));
    }

    private static GrpcPlan plan(String... options) throws IOException {
        // Serving leaves it out where no option speaks of it.
        String[] all = new String[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "--no-grpc=false";
        GrpcPlan plan = Serving.plan(all).config().grpc();
        assertNotNull(plan);
        return plan;
    }

    @Test
    void aPortThatIsTakenIsNamedTogetherWithItsOption() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = taken.getLocalPort();
            BindException problem =
                    assertThrows(BindException.class, () -> Serving.with("--grpc-port=" + port));
            assertTrue(problem.toString().contains("Port " + port), problem.toString());
            assertTrue(problem.toString().contains("--grpc-port"), problem.toString());
        }
    }

    @Test
    void twoServersOfOneMachineBothHaveOne() throws Exception {
        try (Serving one = Serving.with("--no-grpc=false");
                Serving other = Serving.with("--no-grpc=false");
                GrpcClient client = new GrpcClient(other.grpcPort())) {
            assertNotEquals(one.grpcPort(), other.grpcPort());
            assertNotNull(client.publish("a", "x"));
        }
    }
}
