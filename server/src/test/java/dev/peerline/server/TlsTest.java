package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.certificate.Certificates;
import dev.peerline.server.config.BadUsage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

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

    @Test
    void certificateAndKeyComeFromPemFiles() throws Exception {
        Path store = folder.resolve("store.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "one",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=from.pem.example",
                                "-storepass",
                                "password",
                                "-keystore",
                                store.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.log").toFile())
                        .start();
        assertEquals(0, made.waitFor());
        char[] password = "password".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        Path key = pem("PRIVATE KEY", keys.getKey("one", password).getEncoded());
        Path chain = pem("CERTIFICATE", keys.getCertificate("one").getEncoded());

        AnyCertificate seen = new AnyCertificate();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {seen}, new SecureRandom());
        try (Serving serving =
                        Serving.with("--tls-cert=" + chain, "--tls-key=" + key, "--tls-port=0");
                HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            int port = serving.server().http().tlsPort();
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/healthz"))
                            .build();
            assertEquals("ok\n", client.send(request, BodyHandlers.ofString()).body());
        }
        assertEquals("CN=from.pem.example", seen.first().getSubjectX500Principal().getName());

        KeyPair other = KeyPairGenerator.getInstance("EC").generateKeyPair();
        Path wrong = pem("PRIVATE KEY", other.getPrivate().getEncoded());
        assertThrows(BadUsage.class, () -> Certificates.read(chain, wrong));
    }

    @Test
    void filesThatHoldNoCertificateAreRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        KeyPair pair = generator.generateKeyPair();
        Path key = pem("PRIVATE KEY", pair.getPrivate().getEncoded());
        assertThrows(BadUsage.class, () -> Certificates.read(key, key));
        assertThrows(BadUsage.class, () -> Certificates.read(folder.resolve("none"), key));
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThrows(BadUsage.class, () -> Certificates.read(empty, empty));
    }

    private Path pem(String type, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(bytes);
        return Files.writeString(
                Files.createTempFile(folder, "pem", null),
                "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(type, text, type));
    }
}
