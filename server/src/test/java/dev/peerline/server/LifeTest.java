package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.RawHttp.Answer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** From the start to SIGTERM: what probes, monitoring and operators see. */
final class LifeTest {
    @TempDir Path folder;

    @Test
    void aServerThatDrainsIsAliveAndNotReady() throws Exception {
        try (Serving serving = Serving.with()) {
            assertEquals(200, RawHttp.get(serving.port(), "/readyz").status());
            serving.server().http().startDraining();
            Answer ready = RawHttp.get(serving.port(), "/readyz");
            assertEquals("503 GOING_AWAY", ready.status() + " " + ready.code());
            assertEquals(200, RawHttp.get(serving.port(), "/healthz").status());
        }
    }

    @Test
    void metricsHaveTypesAndNoLabelsOfClients() throws IOException {
        try (Serving serving = Serving.with()) {
            RawHttp.get(serving.port(), "/some-room-of-mine");
            RawHttp.get(serving.port(), "/v1/secret-path");
            RawHttp.get(serving.port(), "/", "Host: evil.example");
            Answer answer = RawHttp.get(serving.port(), "/metrics");
            assertEquals("text/plain; version=0.0.4", answer.header("Content-Type"));
            List<String> lines = answer.text().lines().toList();
            assertTrue(
                    lines.contains(
                            "peerline_http_requests_total{route=\"page\",status=\"2xx\"} 1"));
            assertTrue(lines.contains("peerline_http_refused_total{code=\"FORBIDDEN_HOST\"} 1"));
            assertFalse(answer.text().contains("some-room"));
            assertFalse(answer.text().contains("secret-path"));
            for (String line : lines)
                assertTrue(
                        line.startsWith("# ")
                                || line.matches(
                                        "[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")?})?"
                                                + " -?[0-9.]+"),
                        line);
            List<String> types = lines.stream().filter(line -> line.startsWith("# TYPE")).toList();
            assertEquals(types.stream().distinct().count(), types.size());
        }
    }

    @Test
    void publicMetricsAreOnTheirOwnPortAlone() throws IOException {
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder.toString());
        try (Serving serving = Serving.with(environment, "--public", "--metrics-port=0")) {
            assertEquals(404, RawHttp.get(serving.port(), "/metrics").status());
            int port = serving.server().http().metricsPort();
            assertEquals(200, RawHttp.get(port, "/metrics").status());
            assertEquals(200, RawHttp.get(port, "/readyz").status());
            assertEquals(200, RawHttp.get(port, "/metrics", "Host: 10.1.2.3:" + port).status());
            assertEquals(403, RawHttp.get(port, "/metrics", "Host: evil.example").status());
            assertEquals(
                    403,
                    RawHttp.get(port, "/metrics", "Origin: http://localhost:" + port).status());
            assertEquals(404, RawHttp.get(port, "/").status());
        }
    }

    @Test
    void aProcessIsReadySoonAndStopsInOrder() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        long startNanos = System.nanoTime();
        Process process =
                new ProcessBuilder(
                                java,
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "serve",
                                "--port=0",
                                "--turn-port=0",
                                "--grpc-port=0")
                        .redirectError(folder.resolve("log").toFile())
                        .start();
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            long readyMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            assertNotNull(line);
            assertTrue(line.startsWith("ready http://127.0.0.1:"), line);
            assertTrue(readyMillis < 10_000, readyMillis + " ms");
            int port = URI.create(line.substring("ready ".length())).getPort();
            assertEquals(200, RawHttp.get(port, "/readyz").status());
            process.toHandle().destroy(); // SIGTERM; Process.destroy would close the pipes
            assertNull(out.readLine()); // the end, not another line
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        List<String> log = Files.readAllLines(folder.resolve("log"));
        assertTrue(log.getLast().endsWith("event=stopped"), String.join("\n", log));
        for (String entry : log)
            assertTrue(entry.matches("\\S+Z [A-Z]+ \\w+ (\\w+=(\"[^\"]*\"|\\S+) ?)+"), entry);
    }
}
