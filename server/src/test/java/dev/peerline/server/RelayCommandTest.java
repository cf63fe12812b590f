package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.relay.RunningRelay;
import dev.peerline.turn.RelayMetrics;
import dev.peerline.turn.auth.TimeLimitedSecrets;
import dev.peerline.turn.probe.TurnProbe;
import dev.peerline.turn.probe.TurnProbe.Login;
import dev.peerline.turn.server.Counter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import picocli.CommandLine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** {@code peerline relay}: who may use it, what it prints, and how it is changed and stopped. */
@Execution(ExecutionMode.CONCURRENT)
final class RelayCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Login ADA = new Login("ada", "lovelace");
    private static final byte[] PACKET = "ping".getBytes(StandardCharsets.UTF_8);

    @TempDir Path folder;
    private final StringWriter out = new StringWriter();

    private RelayCommand command(String... options) {
        List<String> all =
                new ArrayList<>(List.of("relay", "--listen", "127.0.0.1", "--port", "0"));
        all.addAll(List.of(options));
        String[] args = all.toArray(String[]::new);
        PrintWriter writer = new PrintWriter(out);
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder.toString());
        try {
            CommandLine.ParseResult parsed =
                    Main.commandLine(environment, writer, writer, args).parseArgs(args);
            return (RelayCommand) parsed.subcommand().commandSpec().userObject();
        } catch (BadUsage problem) {
            throw new IllegalArgumentException(problem);
        }
    }

    private static InetSocketAddress place(RunningRelay relay) {
        return relay.server().addresses().getFirst();
    }

    private static void allocates(InetSocketAddress server, Login login) throws IOException {
        try (TurnProbe client = TurnProbe.udp(server, login, PATIENCE)) {
            assertEquals(server.getAddress(), client.allocate(false).getAddress());
        }
    }

    private static void isRefused(InetSocketAddress server, Login login) throws IOException {
        try (TurnProbe client = TurnProbe.udp(server, login, PATIENCE)) {
            IOException refused = assertThrows(IOException.class, () -> client.allocate(false));
            assertEquals("refused with 401", refused.getMessage());
        }
    }

    @Test
    void readyIsTheOnlyLineOnStdoutAndLeadsToTheRelay() throws Exception {
        try (RunningRelay relay = command("--user", "ada:lovelace").start()) {
            int port = place(relay).getPort();
            assertEquals("ready turn:127.0.0.1:" + port, out.toString().strip());
            try (TurnProbe ada = TurnProbe.udp(place(relay), ADA, PATIENCE);
                    TurnProbe bob = TurnProbe.tcp(place(relay), ADA, PATIENCE)) {
                InetSocketAddress adas = ada.allocate(false);
                InetSocketAddress bobs = bob.allocate(false);
                ada.permit(bobs);
                bob.permit(adas);
                ada.send(bobs, PACKET);
                assertArrayEquals(PACKET, bob.receive());
            }
            isRefused(place(relay), new Login("ada", "wrong"));
        }
    }

    @Test
    void withoutUsersASecretIsMadeThatItsOwnerAloneCanReadAndIsFoundAgain() throws Exception {
        Path place = folder.resolve("peerline/relay-secret");
        Login login;
        try (RunningRelay relay = command().start()) {
            assertEquals(
                    java.util.Set.of(
                            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE),
                    Files.getPosixFilePermissions(place));
            login = timeLimited(Files.readString(place).strip());
            allocates(place(relay), login);
        }
        try (RunningRelay again = command().start()) {
            allocates(place(again), login);
        }
    }

    private static Login timeLimited(String secret) {
        String name = System.currentTimeMillis() / 1000 + 3600 + ":peer";
        return new Login(name, new TimeLimitedSecrets(List.of(secret)).password(name));
    }

    @Test
    void theSelfTestRelaysOnePacketAndLeavesNothingBehind() throws Exception {
        try (RunningRelay relay = command("--user=ada:lovelace").start()) {
            awaitsCount(relay, Counter.ALLOCATIONS_ENDED, 2);
            RelayMetrics metrics = relay.server().metrics();
            assertEquals(2, metrics.count(Counter.ALLOCATIONS_MADE));
            assertEquals(PACKET.length * 2L, metrics.count(Counter.PEER_BYTES));
            assertEquals(1, metrics.count(Counter.PEER_PACKETS));
        }
    }

    private static void awaitsCount(RunningRelay relay, Counter counter, long count) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (relay.server().metrics().count(counter) < count) {
            if (System.nanoTime() - end > 0)
                throw new AssertionError(relay.server().metrics().toString());
            Thread.onSpinWait();
        }
    }

    @Test
    void usersSecretsAndLimitsAreReadAgainAndAllocationsStay() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "# ours\nada:lovelace\n");
        Path config =
                Files.writeString(
                        folder.resolve("conf"),
                        "users-file = " + users + "\nmax-allocations-per-user = 1\n");
        RelayCommand command = command("--config", config.toString(), "--no-self-test");
        try (RunningRelay relay = command.start();
                TurnProbe old = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
            InetSocketAddress relayed = old.allocate(false);
            try (TurnProbe second = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
                IOException refused = assertThrows(IOException.class, () -> second.allocate(false));
                assertEquals("refused with 486", refused.getMessage());
            }
            Files.writeString(users, "ada:lovelace\nbob:builder\n");
            Files.writeString(config, "users-file = " + users + "\nmax-allocations-per-user = 9\n");
            relay.reload(command.planAgain());
            allocates(place(relay), new Login("bob", "builder"));
            allocates(place(relay), ADA);
            old.permit(relayed); // its allocation is there still
            Files.writeString(users, "nonsense\n");
            IOException problem = assertThrows(IOException.class, command::planAgain);
            assertFalse(String.valueOf(problem.getMessage()).contains("nonsense"));
            allocates(place(relay), new Login("bob", "builder"));
        }
    }

    @Test
    void metricsAndHealthAreOnAPortOfTheirOwn() throws Exception {
        try (RunningRelay relay = command("--user=ada:lovelace", "--metrics-port=0").start()) {
            allocates(place(relay), ADA);
            String text = RawHttp.get(relay.metricsPort(), "/metrics").text();
            assertTrue(text.contains("\npeerline_relay_allocations_made_total "), text);
            assertTrue(text.contains("\njvm_threads_current "), text);
            assertFalse(text.contains("ada"), text);
            assertEquals(200, RawHttp.get(relay.metricsPort(), "/readyz").status());
            assertEquals(
                    403,
                    RawHttp.get(relay.metricsPort(), "/metrics", "Host: evil.example").status());
            assertEquals(0, relay.drain(Duration.ZERO) - relay.server().metrics().allocations());
            assertEquals(503, RawHttp.get(relay.metricsPort(), "/readyz").status());
            try (TurnProbe late = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
                IOException refused = assertThrows(IOException.class, () -> late.allocate(false));
                assertEquals("refused with 508", refused.getMessage());
            }
        }
    }

    @Test
    void aTakenPortIsToldInOneLineWithTheOption() throws Exception {
        try (RunningRelay relay = command("--user=ada:lovelace").start()) {
            StringWriter err = new StringWriter();
            int exit =
                    Main.run(
                            Map.of(),
                            new PrintWriter(out),
                            new PrintWriter(err),
                            "relay",
                            "--listen=127.0.0.1",
                            "--port=" + place(relay).getPort(),
                            "--user=a:b");
            assertEquals(1, exit);
            assertEquals(1, err.toString().lines().count(), err.toString());
            assertTrue(err.toString().contains("Port " + place(relay).getPort()), err.toString());
            assertTrue(err.toString().contains("--port"), err.toString());
        }
    }

    @Test
    void anAnnouncedAddressStandsInTheReadyLineAndInRelayedAddresses() throws Exception {
        RelayCommand command =
                command("--user=ada:lovelace", "--external-ip=203.0.113.7", "--no-self-test");
        try (RunningRelay relay = command.start();
                TurnProbe ada = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
            assertEquals(
                    "ready turn:203.0.113.7:" + place(relay).getPort(), out.toString().strip());
            assertEquals(InetAddress.ofLiteral("203.0.113.7"), ada.allocate(false).getAddress());
        }
    }

    @Test
    void whatAStunServerSaysIsAnnounced() throws Exception {
        try (FakeStunServer stun = new FakeStunServer(InetAddress.ofLiteral("203.0.113.9"))) {
            String server = "--stun-server=127.0.0.1:" + stun.port();
            RelayCommand command = command("--user=ada:lovelace", server, "--no-self-test");
            try (RunningRelay relay = command.start();
                    TurnProbe ada = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
                assertEquals(
                        "ready turn:203.0.113.9:" + place(relay).getPort(), out.toString().strip());
                assertEquals(
                        InetAddress.ofLiteral("203.0.113.9"), ada.allocate(false).getAddress());
            }
        }
    }

    /**
     * Nobody listens at the address that is announced: a warning with what to do, and it serves.
     */
    @Test
    void aSelfTestThatFailsWarnsAndTheRelayGoesOn() throws Exception {
        var warnings = new LinkedBlockingQueue<LogRecord>();
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord warning) {
                        warnings.add(warning);
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        Logger logger = Logger.getLogger("dev.peerline.server.relay.SelfTest");
        logger.addHandler(handler);
        try (RunningRelay relay =
                command("--user=ada:lovelace", "--external-ip=127.0.0.99").start()) {
            LogRecord warning = warnings.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertNotNull(warning, "nothing was said");
            assertEquals(java.util.logging.Level.WARNING, warning.getLevel());
            String text = warning.getMessage();
            String place = "address=127.0.0.99 port=" + place(relay).getPort();
            assertTrue(text.startsWith("event=self-test-failed " + place), text);
            assertTrue(text.contains("--external-ip") && text.contains("firewall"), text);
            try (TurnProbe ada = TurnProbe.udp(place(relay), ADA, PATIENCE)) {
                ada.allocate(false);
            }
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void aProcessReloadsOnHangUpAndEndsInOrder() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path users = Files.writeString(folder.resolve("users"), "ada:lovelace\n");
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
                                "relay",
                                "--listen=127.0.0.1",
                                "--port=0",
                                "--users-file=" + users)
                        .start();
        try (BufferedReader ready = process.inputReader();
                BufferedReader log = process.errorReader()) {
            String line = ready.readLine();
            assertNotNull(line);
            assertTrue(line.startsWith("ready turn:127.0.0.1:"), line);
            int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            InetSocketAddress server =
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
            allocates(server, ADA);
            Files.writeString(users, "bob:builder\n");
            new ProcessBuilder("kill", "-HUP", "" + process.pid()).start().waitFor();
            awaits(log, "event=reloaded");
            allocates(server, new Login("bob", "builder"));
            isRefused(server, ADA);
            process.toHandle().destroy(); // SIGTERM; Process.destroy would close the pipes
            awaits(log, "event=stopped");
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void awaits(BufferedReader log, String event) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.contains(event)) return;
            seen.append(line).append('\n');
        }
        throw new AssertionError("never said " + event + ":\n" + seen);
    }
}
