package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The Java of docs/push.md is compiled as it stands there, and does what is said. */
final class PushGuideTest {
    private static final Path GUIDE = Path.of("..", "docs", "push.md");
    private static final Pattern BLOCK = Pattern.compile("(?s)```java\n(.*?)```");
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** What a reader's IDE adds, and where the reader's terminal is. */
    private static final String PROGRAM =
            """
            import static java.util.concurrent.TimeUnit.SECONDS;
            import dev.peerline.sdk.*;
            import java.net.URI;
            import java.net.http.*;
            import java.net.http.HttpRequest.BodyPublishers;
            import java.net.http.HttpResponse.BodyHandlers;
            import java.util.UUID;

            public final class Example {
                public static void run(java.io.InputStream in, java.io.PrintStream out) throws Exception {
            """;

    @TempDir private Path folder;

    @Test
    void theExamplesInJavaPublishAndRead() throws Exception {
        List<String> blocks = blocks();
        assertEquals(3, blocks.size());
        try (Serving serving = Serving.with()) {
            for (int i = 0; i < blocks.size(); i++) {
                String code =
                        blocks.get(i).replace("127.0.0.1:8080", "127.0.0.1:" + serving.port());
                run(compile(code, folder.resolve("example" + i)));
            }
        }
    }

    private static List<String> blocks() throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(GUIDE));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) blocks.add(matcher.group(1));
        return blocks;
    }

    private static Method compile(String code, Path place) throws Exception {
        Files.createDirectories(place);
        String body = code.replace("System.in", "in").replace("System.out", "out");
        Path source = Files.writeString(place.resolve("Example.java"), PROGRAM + body + "}\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int result =
                compiler.run(
                        null,
                        null,
                        errors,
                        "-d",
                        place.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        source.toString());
        assertEquals(0, result, errors.toString(StandardCharsets.UTF_8));
        URLClassLoader classes = new URLClassLoader(new URL[] {place.toUri().toURL()});
        return classes.loadClass("Example").getMethod("run", InputStream.class, PrintStream.class);
    }

    /** Runs until it has shown what was published, and leaves it then. */
    private static void run(Method example) throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (PipedOutputStream enter = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(enter);
                PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8)) {
            Thread thread =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            example.invoke(null, in, out);
                                        } catch (ReflectiveOperationException problem) {
                                            problem.printStackTrace(out);
                                        }
                                    });
            long end = System.nanoTime() + PATIENCE_NANOS;
            String text = "";
            while (!(text.contains("rate") && text.matches("(?s).*[0-9]+-[0-9]+.*"))) {
                assertTrue(thread.isAlive() && System.nanoTime() < end, text);
                thread.join(Duration.ofMillis(20));
                text = shown.toString(StandardCharsets.UTF_8);
            }
            enter.write('\n');
            enter.flush();
            thread.interrupt();
            thread.join();
        }
    }
}
