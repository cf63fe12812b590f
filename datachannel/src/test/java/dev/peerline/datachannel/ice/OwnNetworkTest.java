package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What takes a network that the test may change: namespaces with nothing but loopback. */
final class OwnNetworkTest {
    private static final String NETWORK =
            "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo";

    private static ProcessBuilder inside(String command) {
        return new ProcessBuilder("unshare", "--net", "sh", "-c", command)
                .redirectErrorStream(true);
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Why this machine cannot; null if it can. */
    private static @Nullable String obstacle() throws InterruptedException {
        try {
            Process probe = inside(NETWORK).start();
            String said = output(probe);
            return probe.waitFor() == 0 ? null : "no network namespace: " + said.strip();
        } catch (IOException e) {
            return "no network namespace: " + e.getMessage();
        }
    }

    @BeforeAll
    static void saysWhatThisMachineCannot() throws Exception {
        String obstacle = obstacle();
        if (obstacle != null) System.out.println("skipped: OwnNetworkTest: " + obstacle);
        Assumptions.assumeTrue(obstacle == null, obstacle);
    }

    /** Runs a program in a network of its own; it gives up by itself. */
    private static String run(Class<?> program) throws Exception {
        List<String> java =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        "\"$CLASSES\"",
                        program.getName());
        ProcessBuilder builder = inside(NETWORK + " && exec " + String.join(" ", java));
        builder.environment().put("CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            String said = output(process);
            assertTrue(process.waitFor(TestPeer.PATIENCE_SECONDS, TimeUnit.SECONDS), said);
            assertEquals(0, process.exitValue(), said);
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void findsAPeerThatIsKnownByItsMulticastNameAlone() throws Exception {
        String said = run(MdnsNetwork.class);
        assertTrue(said.contains("connected to 127.0.0.1"), said);
    }

    @Test
    void aRestartFindsTheAddressThatTheMachineHasBecome() throws Exception {
        String said = run(RoamingNetwork.class);
        assertTrue(said.contains("connected at 10.77.0.1"), said);
        assertTrue(said.contains("connected at 10.77.0.2"), said);
    }
}
