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
    private static final Pattern GRPC = Pattern.compile(" grpc=127\\.0\\.0\\.1:(\\d+)");

    private final Process process;
    private final int port;
    private final int grpcPort;

    private ServerProcess(Process process, int port, int grpcPort) {
        this.process = process;
        this.port = port;
        this.grpcPort = grpcPort;
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
                                "--no-relay"));
        boolean grpc = List.of(options).contains("--grpc-port=0");
        if (!grpc) command.add("--no-grpc");
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
        int own = URI.create(line.substring(6)).getPort();
        return new ServerProcess(process, own, grpc ? lastGrpcPort(log) : -1);
    }

    /** It says so before it is ready; the log may have more of those that were before. */
    private static int lastGrpcPort(Path log) throws IOException {
        return GRPC.matcher(Files.readString(log))
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .reduce(-1, (_, last) -> last);
    }

    int port() {
        return port;
    }

    /** The port of gRPC, which {@code --grpc-port=0} opens; -1 without. */
    int grpcPort() {
        return grpcPort;
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
