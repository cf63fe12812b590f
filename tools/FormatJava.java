import com.google.googlejavaformat.java.Main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Checks, or applies, google-java-format on every Java file below a folder, in one JVM. The build
 * runs it: {@code mvn verify} checks, {@code ./check --format} applies.
 */
final class FormatJava {
    private static final Set<String> SKIPPED = Set.of("target", "node_modules");

    private FormatJava() {}

    public static void main(String[] args) throws Exception {
        boolean apply = args[0].equals("apply");
        Path root = Path.of(args[1]);
        // Files older than the last successful run were checked by it.
        Path stamp = root.resolve("target/format/clean");
        long checkedMillis = Files.exists(stamp) ? Files.getLastModifiedTime(stamp).toMillis() : 0;
        long startedMillis = System.currentTimeMillis();

        List<String> files = javaFilesChangedSince(root, checkedMillis);
        if (!files.isEmpty() && format(apply, files) != 0) {
            System.err.println(
                    apply
                            ? "The files above could not be formatted."
                            : "The files above are not formatted: run ./check --format");
            System.exit(1);
        }
        if (!Files.exists(stamp)) Files.createFile(stamp);
        Files.setLastModifiedTime(stamp, FileTime.fromMillis(startedMillis));
    }

    private static int format(boolean apply, List<String> files) throws Exception {
        List<String> arguments = new ArrayList<>();
        arguments.add("--aosp");
        if (apply) arguments.add("--replace");
        else arguments.addAll(List.of("--dry-run", "--set-exit-if-changed"));
        arguments.addAll(files);
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        return new Main(out, err, System.in).format(arguments.toArray(String[]::new));
    }

    private static List<String> javaFilesChangedSince(Path root, long millis) throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path dir, BasicFileAttributes attributes) {
                        String name = dir.getFileName().toString();
                        boolean skip =
                                !dir.equals(root)
                                        && (name.startsWith(".") || SKIPPED.contains(name));
                        return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        boolean changed = attributes.lastModifiedTime().toMillis() >= millis;
                        if (changed && file.toString().endsWith(".java"))
                            files.add(file.toString());
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }
}
