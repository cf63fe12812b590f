package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, to be killed. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts it on free ports, and waits until it is ready. */
    static ServerProcess start(Path log, String... options) throws IOException {
        return startAt(0, log, options);
    }

    /** Starts it on that port, and waits until it is ready. */
    static ServerProcess startAt(int port, Path log, String... options) throws IOException {
        return start(List.of(), port, log, options);
    }

    /** Starts it on free ports in a JVM with these options besides. */
    static ServerProcess startWith(List<String> jvm, Path log, String... options)
            throws IOException {
        return start(jvm, 0, log, options);
    }

    private static ServerProcess start(List<String> jvm, int port, Path log, String... options)
            throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                java,
                                "-XX:TieredStopAtLevel=1",
                                "-Xshare:auto",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "serve",
                                "--port=" + port,
                                "--no-relay",
                                "--no-grpc"));
        command.addAll(1, jvm);
        command.addAll(List.of(options));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        if (line == null || !line.startsWith("ready ")) process.destroyForcibly();
        assertNotNull(line, "no server: see " + log);
        assertTrue(line.startsWith("ready http://127.0.0.1:"), line);
        return new ServerProcess(process, URI.create(line.substring(6)).getPort());
    }

    int port() {
        return port;
    }

    /** As an operator does: with time to drain. */
    void stop() throws InterruptedException {
        process.destroy(); // SIGTERM
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }

    /** What it has used until now. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** The memory that it has now; 0 where the system does not say. */
    long residentBytes() {
        try {
            String status = Files.readString(Path.of("/proc", "" + process.pid(), "status"));
            Matcher matcher = RESIDENT.matcher(status);
            return matcher.find() ? Long.parseLong(matcher.group(1)) << 10 : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    /** As a power cut would, but for what the operating system still holds. */
    void kill() throws InterruptedException {
        process.destroyForcibly(); // SIGKILL
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }

    /**
     * Lets its files grow no further than this, as if the disk were full.
     *
     * @return false where the system has no such command
     */
    boolean limitFiles(String bytes) throws IOException, InterruptedException {
        ProcessBuilder prlimit =
                new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--fsize=" + bytes + ":");
        try {
            return prlimit.start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
