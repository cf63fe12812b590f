package dev.peerline.server.http;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** All files below a folder of the class path, read and compressed once. Immutable. */
final class Resources {
    private final Map<String, Resource> byPath;

    private Resources(Map<String, Resource> byPath) {
        this.byPath = Map.copyOf(byPath);
    }

    /**
     * Reads the folder that an entry is in, from a jar or from a build's output.
     *
     * @param folder for instance {@code peerline/sdk}
     * @param entry a file that must be in it
     */
    static Resources load(String folder, String entry) {
        URL url = Resources.class.getClassLoader().getResource(folder + "/" + entry);
        if (url == null) throw new IllegalStateException(folder + "/" + entry + " is missing");
        try {
            if (!url.getProtocol().equals("jar")) return read(Path.of(url.toURI()).getParent());
            String jar = url.getPath().substring(0, url.getPath().indexOf("!/"));
            try (FileSystem files = FileSystems.newFileSystem(Path.of(new URI(jar)))) {
                return read(files.getPath(folder));
            }
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Resources read(@Nullable Path root) throws IOException {
        if (root == null) throw new AssertionError("a file is in a folder");
        Map<String, Resource> byPath = new HashMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String path = root.relativize(file).toString().replace('\\', '/');
                byPath.put(path, Resource.of(path, Files.readAllBytes(file)));
            }
        }
        return new Resources(byPath);
    }

    /** The file at a path relative to the folder, or null. */
    @Nullable Resource get(String path) {
        return byPath.get(path);
    }
}
