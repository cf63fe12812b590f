package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What comes along with the SDK: nothing of a server. */
final class RuntimeClasspathTest {
    @Test
    void theSdkBringsTheLinkAndGsonAndNothingElse() throws IOException {
        assertEquals(
                new TreeSet<>(Set.of("peerline-link", "gson", "error_prone_annotations")),
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
        if (path.endsWith("fallback/link/target/classes".replace('/', File.separatorChar))) {
            return "peerline-link";
        }
        String name = path.substring(path.lastIndexOf(File.separatorChar) + 1);
        return name.replaceFirst("-\\d.*\\.jar$", "");
    }
}
