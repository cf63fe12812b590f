package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.certificate.ServerCertificate;
import dev.peerline.server.config.BadUsage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

@Execution(ExecutionMode.CONCURRENT)
final class TlsTest {
    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void theTlsPortSpeaksBothVersionsOfHttp(Version version) throws Exception {
        AnyCertificate seen = new AnyCertificate();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {seen}, new SecureRandom());
        try (Serving serving = Serving.with("--tls-self-signed", "--tls-port=0");
                HttpClient client =
                        HttpClient.newBuilder().sslContext(context).version(version).build()) {
            int port = serving.server().http().tlsPort();
            URI page = URI.create("https://localhost:" + port + "/lobby");
            HttpRequest request =
                    HttpRequest.newBuilder(page)
                            .header("Origin", "https://localhost:" + port)
                            .build();
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            assertEquals(200, answer.statusCode());
            assertEquals(version, answer.version());
            assertTrue(answer.body().startsWith("<!doctype html>"));

            HttpRequest foreign =
                    HttpRequest.newBuilder(page).header("Origin", "https://evil.example").build();
            assertEquals(403, client.send(foreign, BodyHandlers.discarding()).statusCode());
            // Plain http on the same name is another origin, and the weaker one.
            HttpRequest weaker =
                    HttpRequest.newBuilder(page)
                            .header("Origin", "http://localhost:" + port)
                            .build();
            assertEquals(403, client.send(weaker, BodyHandlers.discarding()).statusCode());
        }
        seen.first().checkValidity();
        assertTrue(
                seen.first().getSubjectAlternativeNames().stream()
                        .anyMatch(name -> name.contains("localhost")));
    }

    /** The name that a new connection is shown. */
    private static String shown(int port) throws Exception {
        AnyCertificate seen = new AnyCertificate();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {seen}, new SecureRandom());
        URI url = URI.create("https://localhost:" + port + "/healthz");
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            HttpRequest request = HttpRequest.newBuilder(url).build();
            assertEquals("ok\n", client.send(request, BodyHandlers.ofString()).body());
        }
        return seen.first().getSubjectX500Principal().getName();
    }

    @Test
    void certificateAndKeyComeFromPemFiles() throws Exception {
        Pem files = Pem.make(folder, "from.pem.example");
        try (Serving serving =
                Serving.with(
                        "--tls-cert=" + files.chain(),
                        "--tls-key=" + files.key(),
                        "--tls-port=0")) {
            assertEquals("CN=from.pem.example", shown(serving.server().http().tlsPort()));
        }
        KeyPair other = KeyPairGenerator.getInstance("EC").generateKeyPair();
        Path wrong = Pem.write(folder, "PRIVATE KEY", other.getPrivate().getEncoded());
        assertThrows(BadUsage.class, () -> ServerCertificate.read(files.chain(), wrong));
    }

    @Test
    @Timeout(60)
    void aRenewedCertificateIsShownWithoutARestartAndABrokenOneIsNot() throws Exception {
        Pem files = Pem.make(folder, "old.example");
        Pem renewed = Pem.make(folder, "new.example");
        try (Serving serving =
                Serving.with(
                        "--tls-cert=" + files.chain(),
                        "--tls-key=" + files.key(),
                        "--tls-port=0")) {
            int port = serving.server().http().tlsPort();
            assertEquals("CN=old.example", shown(port));
            // A tool writes one after the other: meanwhile they do not belong together.
            Files.move(renewed.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
            assertEquals("CN=old.example", shown(port));
            Files.move(renewed.chain(), files.chain(), StandardCopyOption.REPLACE_EXISTING);
            while (!shown(port).equals("CN=new.example")) Thread.onSpinWait();
        }
    }

    @Test
    void filesThatHoldNoCertificateAreRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        KeyPair pair = generator.generateKeyPair();
        Path key = Pem.write(folder, "PRIVATE KEY", pair.getPrivate().getEncoded());
        assertThrows(BadUsage.class, () -> ServerCertificate.read(key, key));
        assertThrows(BadUsage.class, () -> ServerCertificate.read(folder.resolve("none"), key));
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThrows(BadUsage.class, () -> ServerCertificate.read(empty, empty));
    }
}
