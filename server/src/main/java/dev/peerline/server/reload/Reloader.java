package dev.peerline.server.reload;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Has a part of the process go by its files and options again when a file has changed, or SIGHUP
 * says so. What cannot be read leaves everything as it was, and a warning. All on one thread.
 */
public final class Reloader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Reloader.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Supplier<List<Path>> files;
    private final Reading reading;
    private final FileWatch watch = new FileWatch();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("reload").factory());

    /** Reads everything again, and goes by it. */
    @FunctionalInterface
    public interface Reading {
        /**
         * Does it, or changes nothing.
         *
         * @throws IOException when what is there cannot be used; the message is a sentence
         */
        void read() throws IOException;
    }

    private Reloader(Supplier<List<Path>> files, Reading reading) {
        this.files = files;
        this.reading = reading;
    }

    /**
     * Begins to watch.
     *
     * @param files which ones, now
     */
    public static Reloader start(Supplier<List<Path>> files, Reading reading) {
        Reloader reloader = new Reloader(files, reading);
        boolean _ = reloader.watch.changed(files.get());
        var _ =
                reloader.thread.scheduleWithFixedDelay(
                        reloader::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        HangUp.runs(reloader::hangUp);
        return reloader;
    }

    private void hangUp() {
        try {
            thread.execute(() -> reload("signal"));
        } catch (RejectedExecutionException _) {
            // going down
        }
    }

    private void look() {
        try {
            if (watch.changed(files.get())) reload("file");
        } catch (RuntimeException problem) {
            LOG.log(Level.ERROR, "event=reload-failed", problem);
        }
    }

    private void reload(String why) {
        try {
            reading.read();
            LOG.log(Level.INFO, "event=reloaded why=" + why);
        } catch (IOException | RuntimeException problem) {
            LOG.log(
                    Level.WARNING,
                    "event=reload-failed why=\"%s\" hint=\"the old settings stay in use\""
                            .formatted(String.valueOf(problem.getMessage()).replace('"', '\'')));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
