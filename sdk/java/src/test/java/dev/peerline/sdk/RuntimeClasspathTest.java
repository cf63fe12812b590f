package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What comes along with the SDK: nothing of a server. */
final class RuntimeClasspathTest {
    /** Those of ours that come along, by folder. */
    private static final Map<String, String> MODULES =
            Map.of(
                    "fallback/link", "peerline-link",
                    "datachannel", "peerline-datachannel",
                    "net", "peerline-net");

    /** Those of others: JSON, certificates and the handshake, and ICE with what it reads. */
    private static final Set<String> OTHERS =
            Set.of(
                    "gson",
                    "error_prone_annotations",
                    "bcpkix-jdk18on",
                    "bcprov-jdk18on",
                    "bctls-jdk18on",
                    "bcutil-jdk18on",
                    "ice4j",
                    "jicoco-config",
                    "jitsi-metaconfig",
                    "jitsi-utils",
                    "config",
                    "kotlin-reflect",
                    "kotlin-stdlib",
                    "annotations");

    @Test
    void theSdkBringsTheLinkDataChannelsAndGsonAndNoServer() throws IOException {
        Set<String> expected = new TreeSet<>(MODULES.values());
        expected.addAll(OTHERS);
        assertEquals(
                expected,
                Arrays.stream(runtimeClasspath().split(File.pathSeparator, -1))
                        .map(RuntimeClasspathTest::artifact)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** As Maven resolved it for those who depend on this module. */
    private static String runtimeClasspath() throws IOException {
        try (InputStream in =
                RuntimeClasspathTest.class.getResourceAsStream("/runtime-classpath")) {
            return new String(
                            Objects.requireNonNull(in, "written by the build").readAllBytes(),
                            StandardCharsets.UTF_8)
                    .strip();
        }
    }

    /** A jar's name without its version; of a module of ours that is not packed, its folder's. */
    private static String artifact(String path) {
        for (String module : MODULES.keySet()) {
            String folder = module + "/target/classes";
            if (path.endsWith(folder.replace('/', File.separatorChar))) {
                return MODULES.getOrDefault(module, "");
            }
        }
        String name = path.substring(path.lastIndexOf(File.separatorChar) + 1);
        return name.replaceFirst("-\\d.*\\.jar$", "");
    }
}
