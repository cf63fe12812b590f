package dev.peerline.server.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Notices that files have changed, by looking: names that are links to the newest version (as
 * certificate tools and Kubernetes make them) escape the notifications of the system. Not
 * thread-safe.
 */
final class FileWatch {
    private final Map<Path, String> seen = new HashMap<>();

    /**
     * Whether one of the files differs from what was seen the last time. A file that is gone is no
     * change: it is about to be replaced.
     */
    boolean changed(List<Path> files) {
        boolean changed = false;
        for (Path file : files) {
            String now = state(file);
            if (now.isEmpty()) continue;
            String before = seen.put(file, now);
            changed |= before != null && !before.equals(now);
        }
        Set<Path> wanted = new HashSet<>(files);
        seen.keySet().retainAll(wanted);
        return changed;
    }

    private static String state(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime()
                    + " "
                    + attributes.size()
                    + " "
                    + attributes.fileKey();
        } catch (IOException _) {
            return "";
        }
    }
}
