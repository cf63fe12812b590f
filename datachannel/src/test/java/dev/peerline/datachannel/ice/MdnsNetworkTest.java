package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Names asked for by real multicast, in a network namespace that is made for the test. */
final class MdnsNetworkTest {
    private static final String NETWORK =
            "ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo";

    private static ProcessBuilder inside(String command) {
        return new ProcessBuilder("unshare", "--net", "sh", "-c", command)
                .redirectErrorStream(true);
    }

    /** Why this machine cannot; null if it can. */
    private static @Nullable String obstacle() throws InterruptedException {
        try {
            Process probe = inside(NETWORK).start();
            String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return probe.waitFor() == 0 ? null : "no network namespace: " + said.strip();
        } catch (IOException e) {
            return "no network namespace: " + e.getMessage();
        }
    }

    @Test
    void findsAPeerThatIsKnownByItsNameAlone() throws Exception {
        String obstacle = obstacle();
        if (obstacle != null) System.out.println("skipped: MdnsNetworkTest: " + obstacle);
        Assumptions.assumeTrue(obstacle == null, obstacle);
        List<String> java =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        "\"$CLASSES\"",
                        MdnsNetwork.class.getName());
        ProcessBuilder builder = inside(NETWORK + " && exec " + String.join(" ", java));
        builder.environment().put("CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            byte[] out = process.getInputStream().readAllBytes(); // it gives up by itself
            String said = new String(out, StandardCharsets.UTF_8);
            assertTrue(process.waitFor(TestPeer.PATIENCE_SECONDS, TimeUnit.SECONDS), said);
            assertEquals(0, process.exitValue(), said);
            assertTrue(said.contains("connected to 127.0.0.1"), said);
        } finally {
            process.destroyForcibly();
        }
    }
}
