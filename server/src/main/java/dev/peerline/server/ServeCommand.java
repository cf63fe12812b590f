package dev.peerline.server;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.Settings;
import dev.peerline.server.options.DoorOptions;
import dev.peerline.server.options.GrpcOptions;
import dev.peerline.server.options.LaterOptions;
import dev.peerline.server.options.LimitOptions;
import dev.peerline.server.options.NetworkOptions;
import dev.peerline.server.options.PushPeerOptions;
import dev.peerline.server.options.RelayLimitOptions;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.server.options.TopicOptions;
import dev.peerline.server.options.TurnOptions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/** Everything in one process. */
@Command(
        name = "serve",
        description = "Serves everything in one process; on loopback unless told otherwise.",
        sortOptions = false,
        versionProvider = Main.Version.class)
final class ServeCommand implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(ServeCommand.class.getName());

    /** Headings of its help, by the fields below. */
    static final Map<String, String> GROUPS = groups();

    @Mixin NetworkOptions network = new NetworkOptions();
    @Mixin DoorOptions door = new DoorOptions();
    @Mixin LimitOptions limits = new LimitOptions();
    @Mixin TopicOptions topics = new TopicOptions();
    @Mixin TurnOptions turn = new TurnOptions();
    @Mixin RelayOptions relay = new RelayOptions();
    @Mixin RelayLimitOptions relayLimits = new RelayLimitOptions();
    @Mixin GrpcOptions grpc = new GrpcOptions();
    @Mixin PushPeerOptions pushPeer = new PushPeerOptions();
    @Mixin LaterOptions later = new LaterOptions();
    @Mixin CommonOptions common = new CommonOptions();
    @Spec CommandSpec spec = CommandSpec.create();

    private static Map<String, String> groups() {
        Map<String, String> groups = new LinkedHashMap<>();
        groups.put("network", "Where");
        groups.put("door", "Who and what");
        groups.put("limits", "Limits");
        groups.put("topics", "Topics");
        groups.put("grpc", "gRPC");
        groups.put("turn", "Relay");
        groups.put("relay", "How it relays");
        groups.put("relayLimits", "Limits of the relay");
        groups.put("pushPeer", "The server as a WebRTC peer");
        groups.put("later", "Accepted, and not in this build");
        groups.put("common", "Common");
        return Collections.unmodifiableMap(groups);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Server server = start();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, ended), "drain"));
        ended.await(); // SIGTERM ends the process, through the hook
        return 0;
    }

    /** Starts the server and says so; what {@link #call} does before it waits. */
    Server start() throws IOException {
        ServePlan plan = plan();
        Server server = Server.start(plan.config(), InstantSource.system());
        Banner banner = new Banner(network, plan, server);
        banner.lines(later.named(spec)).forEach(line -> LOG.log(Level.INFO, line));
        banner.warnings().forEach(line -> LOG.log(Level.WARNING, line));
        PrintWriter out = spec.commandLine().getOut();
        out.println("ready " + banner.readyUrl());
        out.flush();
        return server;
    }

    ServePlan plan() throws IOException {
        try {
            ServePlan.Options options =
                    new ServePlan.Options(
                            network,
                            door,
                            limits,
                            topics,
                            turn,
                            relay,
                            relayLimits,
                            grpc,
                            pushPeer);
            return ServePlan.of(options, Settings.environment(spec), Main.Version.number());
        } catch (BadUsage problem) {
            throw new ParameterException(spec.commandLine(), problem.sentence(), problem);
        }
    }

    private static void end(Server server, CountDownLatch ended) {
        try {
            server.drain();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        server.close();
        LOG.log(Level.INFO, "event=stopped");
        ended.countDown();
        // Being told to stop, and doing so in order, is success; the JVM would say 143.
        Runtime.getRuntime().halt(0);
    }
}
