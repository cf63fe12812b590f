package dev.peerline.server;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.Settings;
import dev.peerline.server.options.RelayDoorOptions;
import dev.peerline.server.options.RelayLimitOptions;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.server.relay.RelayBanner;
import dev.peerline.server.relay.RelayPlan;
import dev.peerline.server.relay.RunningRelay;
import dev.peerline.server.reload.Reloader;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** A STUN and TURN server alone. */
@Command(
        name = "relay",
        description = "A STUN and TURN server alone; on all addresses unless told otherwise.",
        sortOptions = false,
        versionProvider = Main.Version.class)
final class RelayCommand implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(RelayCommand.class.getName());

    /** Less than the 10 s in which the process ends. */
    private static final Duration DRAIN = Duration.ofSeconds(8);

    /** Headings of its help, by the fields below. */
    static final Map<String, String> GROUPS = groups();

    @Mixin RelayDoorOptions door = new RelayDoorOptions();
    @Mixin RelayOptions relay = new RelayOptions();
    @Mixin RelayLimitOptions limits = new RelayLimitOptions();
    @Mixin CommonOptions common = new CommonOptions();
    @Spec CommandSpec spec = CommandSpec.create();

    private static Map<String, String> groups() {
        Map<String, String> groups = new LinkedHashMap<>();
        groups.put("door", "Where and who");
        groups.put("relay", "How it relays");
        groups.put("limits", "Limits");
        groups.put("common", "Common");
        return Collections.unmodifiableMap(groups);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        RelayPlan plan = plan();
        RunningRelay running = start(plan);
        Reloader reloader =
                Reloader.start(() -> files(running.plan()), () -> running.reload(planAgain()));
        CountDownLatch ended = new CountDownLatch(1);
        Thread drain = new Thread(() -> end(running, reloader, ended), "drain");
        Runtime.getRuntime().addShutdownHook(drain);
        announce(plan, running); // signals are heeded from here on
        ended.await(); // SIGTERM ends the process, through the hook
        return 0;
    }

    /** Starts the relay and says so; for tests, which stop it themselves. */
    RunningRelay start() throws IOException {
        RelayPlan plan = plan();
        RunningRelay running = start(plan);
        announce(plan, running);
        return running;
    }

    private RunningRelay start(RelayPlan plan) throws IOException {
        return RunningRelay.start(plan, door, !relay.noSelfTest, Main.Version.number());
    }

    private void announce(RelayPlan plan, RunningRelay running) throws IOException {
        String version = Main.Version.number();
        RelayBanner banner = new RelayBanner(plan, running);
        banner.lines(version).forEach(line -> LOG.log(Level.INFO, line));
        banner.warnings().forEach(line -> LOG.log(Level.WARNING, line));
        PrintWriter out = spec.commandLine().getOut();
        out.println("ready " + running.url());
        out.flush();
    }

    RelayPlan plan() throws IOException {
        try {
            RelayPlan.Options options = new RelayPlan.Options(door, relay, limits);
            return RelayPlan.of(options, Settings.environment(spec));
        } catch (BadUsage problem) {
            throw new ParameterException(spec.commandLine(), problem.sentence(), problem);
        }
    }

    /** What the command line and the files say now. */
    RelayPlan planAgain() throws IOException {
        CommandLine whole = spec.commandLine().getParent();
        String[] args = whole.getParseResult().originalArgs().toArray(String[]::new);
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        try {
            CommandLine.ParseResult parsed =
                    Main.commandLine(Settings.environment(spec), nowhere, nowhere, args)
                            .parseArgs(args);
            return ((RelayCommand) parsed.subcommand().commandSpec().userObject()).plan();
        } catch (BadUsage problem) {
            throw new IOException(problem.sentence(), problem);
        } catch (ParameterException problem) {
            throw new IOException(problem.getMessage(), problem);
        }
    }

    private List<Path> files(RelayPlan plan) {
        List<Path> files = new ArrayList<>(plan.files());
        Path config = Settings.file(spec);
        if (config != null) files.add(config);
        return files;
    }

    private static void end(RunningRelay running, Reloader reloader, CountDownLatch ended) {
        reloader.close();
        try {
            LOG.log(Level.INFO, "event=drain");
            int left = running.drain(DRAIN);
            if (left > 0) LOG.log(Level.WARNING, "event=drain-incomplete allocations=" + left);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException problem) {
            LOG.log(Level.WARNING, "event=drain-failed why=\"" + problem.getMessage() + '"');
        }
        running.close();
        LOG.log(Level.INFO, "event=stopped");
        ended.countDown();
        // Being told to stop, and doing so in order, is success; the JVM would say 143.
        Runtime.getRuntime().halt(0);
    }
}
