package dev.peerline.server.relay;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Has a relay go by its files and options again when a file has changed, or SIGHUP says so. What
 * cannot be read leaves everything as it was, and a warning. All on one thread.
 */
public final class Reloader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Reloader.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final RunningRelay relay;
    private final Function<RelayPlan, List<Path>> files;
    private final Planner planner;
    private final FileWatch watch = new FileWatch();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("relay-reload").factory());

    /** Works out what the options and files come to now. */
    public interface Planner {
        /**
         * The plan.
         *
         * @throws IOException when they cannot be used; the message is a sentence
         */
        RelayPlan plan() throws IOException;
    }

    private Reloader(RunningRelay relay, Function<RelayPlan, List<Path>> files, Planner planner) {
        this.relay = relay;
        this.files = files;
        this.planner = planner;
    }

    /**
     * Begins to watch.
     *
     * @param files which ones, of a plan
     */
    public static Reloader start(
            RunningRelay relay, Function<RelayPlan, List<Path>> files, Planner planner) {
        Reloader reloader = new Reloader(relay, files, planner);
        boolean _ = reloader.watch.changed(files.apply(relay.plan()));
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
            if (watch.changed(files.apply(relay.plan()))) reload("file");
        } catch (RuntimeException problem) {
            LOG.log(Level.ERROR, "event=reload-failed", problem);
        }
    }

    private void reload(String why) {
        try {
            relay.reload(planner.plan());
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
