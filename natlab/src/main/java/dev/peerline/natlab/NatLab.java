package dev.peerline.natlab;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Assumptions;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One laboratory of NATs, firewalls and bad lines, for one test. It is gone after {@link #close},
 * and when this JVM is gone. Thread-safe: one verb after the other.
 */
public final class NatLab implements AutoCloseable {
    /** The server's IPv4 address in each laboratory. */
    public static final String SERVER = "45.0.0.10";

    /** Exit code of {@code natlab able} where this machine cannot. */
    private static final int NOT_HERE = 3;

    private static final int DOWN_SECONDS = 20;
    private static final AtomicInteger LABS = new AtomicInteger();

    private final String name;
    private final Process holder;
    private final BufferedReader replies;
    private final Writer verbs;

    private NatLab(String name, Process holder) {
        this.name = name;
        this.holder = holder;
        this.replies = holder.inputReader(UTF_8);
        this.verbs = holder.outputWriter(UTF_8);
    }

    /**
     * Builds one; where this machine cannot, prints the reason and aborts the test, which then
     * counts as skipped.
     *
     * @param topology in the words of {@code natlab up}: {@code "alice=sym,delay=40", "bob=port"}
     * @throws IllegalArgumentException if they are not understood
     */
    public static NatLab up(String... topology) {
        String reason = Machine.REASON;
        if (!reason.isEmpty()) System.out.println("skipped: no network laboratory: " + reason);
        Assumptions.assumeTrue(reason.isEmpty(), reason);
        String name = "j" + ProcessHandle.current().pid() + "x" + LABS.getAndIncrement();
        List<String> command = new ArrayList<>();
        Collections.addAll(command, natlab().toString(), "up", "-n", name, "--hold");
        Collections.addAll(command, topology);
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            NatLab lab = new NatLab(name, builder.redirectErrorStream(true).start());
            String line = lab.replies.readLine();
            if (line == null || !line.startsWith("ready ")) {
                lab.close();
                throw new IllegalArgumentException(String.join(" ", topology) + ": " + line);
            }
            return lab;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Something happens to the network: {@code cut alice up}, {@code heal alice}, {@code roam alice
     * mobile}, {@code rebind bob}, {@code impair bob loss=2}, {@code unplug}, {@code plug}, {@code
     * freeze}, {@code thaw}. It has when this returns.
     *
     * @throws IllegalArgumentException if natlab refuses; the message says why
     */
    public synchronized void act(String verb) {
        try {
            verbs.write(verb + "\n");
            verbs.flush();
            String line = replies.readLine();
            if (!"ok".equals(line)) throw new IllegalArgumentException(verb + ": " + line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A program on a host, to be started; it ends with the laboratory at the latest.
     *
     * @param host alice, bob, server, or a router
     */
    public ProcessBuilder exec(String host, String... command) {
        List<String> all = new ArrayList<>();
        Collections.addAll(all, "ip", "netns", "exec", "nl-" + name + "-" + host);
        Collections.addAll(all, command);
        return new ProcessBuilder(all);
    }

    /** Takes it down, with every process in it. */
    @Override
    public void close() {
        try {
            verbs.close();
        } catch (IOException e) {
            holder.destroy(); // it has ended already, or ends by this
        }
        try {
            if (!holder.waitFor(DOWN_SECONDS, TimeUnit.SECONDS)) holder.destroy();
        } catch (InterruptedException e) {
            holder.destroy();
            Thread.currentThread().interrupt();
        }
    }

    /** The folder of the laboratory's own files, in the sources of this project. */
    static Path folder() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            Path natlab = folder.resolve("natlab");
            if (Files.isExecutable(natlab.resolve("natlab"))) return natlab;
        }
        throw new IllegalStateException("no natlab/natlab in " + here + " or above");
    }

    private static Path natlab() {
        return folder().resolve("natlab");
    }

    /** Asked once a JVM, for it takes a trial. */
    private static final class Machine {
        /** Why there are no laboratories here; empty if there are. */
        static final String REASON = ask();

        private static String ask() {
            try {
                ProcessBuilder able = new ProcessBuilder(natlab().toString(), "able");
                Process process = able.redirectErrorStream(true).start();
                process.getOutputStream().close();
                String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
                int code = process.waitFor();
                if (code == 0) return "";
                if (code == NOT_HERE) return said;
                throw new IllegalStateException("natlab able: exit code " + code + ": " + said);
            } catch (IOException e) {
                return String.valueOf(e.getMessage()); // no Python
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "interrupted";
            }
        }
    }
}
