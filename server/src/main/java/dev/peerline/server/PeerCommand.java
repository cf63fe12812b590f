package dev.peerline.server;

import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Room;
import dev.peerline.server.token.Names;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A peer in a terminal: lines are sent to everyone, messages are printed. */
@Command(
        name = "peer",
        description =
                "Joins a room: lines of standard input are sent to everyone, messages are printed.",
        sortOptions = false,
        versionProvider = Main.Version.class)
final class PeerCommand implements Callable<Integer> {
    /** After so long without an answer, stderr says what it waits for. */
    private static final long PATIENCE_SECONDS = 5;

    /** More than leaving takes: 5 s for what was sent, 1 s for the last bytes. */
    private static final long LEAVE_SECONDS = 8;

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "The server, or an invite link: https://host/room#token=…")
    String url = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ROOM",
            description = "Left out where the URL ends in it.")
    @Nullable String room;

    @Option(names = "--name", paramLabel = "NAME", description = "What others see.")
    @Nullable String name;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "Where the server asks for one. Better in PEERLINE_TOKEN: ps shows it.")
    @Nullable String token;

    @Option(
            names = "--only",
            paramLabel = "PATHS",
            converter = Paths.class,
            description =
                    "Kinds of paths, with commas: direct, relayed, data-channel, websocket, sse,"
                            + " long-poll, poll."
                            + " All by default. With none through the server, it serves to find the"
                            + " others alone.")
    Set<PathKind> only = EnumSet.allOf(PathKind.class);

    @Option(
            names = "--json",
            description = "Print a JSON object a line for everything that happens.")
    boolean json;

    @Option(
            names = "--echo",
            description = "Answer each message with its own text, to its sender alone.")
    boolean echo;

    @Mixin CommonOptions common = new CommonOptions();

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        URI place = place();
        JoinOptions options = options();
        PrintWriter err = spec.commandLine().getErr();
        PeerOutput output = new PeerOutput(spec.commandLine().getOut(), err, json);
        CompletableFuture<Room> joining = Peerline.joinAsync(place, options);
        Thread hook = new Thread(() -> leave(joining), "leave");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Room joined = await(joining, place, err);
            return new PeerSession(joined, output, System.in, echo).run();
        } catch (PeerlineException problem) {
            output.failed(problem);
            return ExitCode.SOFTWARE;
        } finally {
            removeHook(hook);
        }
    }

    private static Room await(CompletableFuture<Room> joining, URI place, PrintWriter err)
            throws InterruptedException {
        try {
            try {
                return joining.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException _) {
                err.println("peerline: still trying to reach " + place.getAuthority());
                return joining.get();
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof PeerlineException problem) throw problem;
            throw new IllegalStateException(failure.getCause());
        }
    }

    /** Told to stop: others learn of it at once, and what was sent arrives. */
    private static void leave(CompletableFuture<Room> joining) {
        joining.cancel(true);
        if (joining.isCompletedExceptionally()) return;
        joining.join()
                .leave()
                .orTimeout(LEAVE_SECONDS, TimeUnit.SECONDS)
                .handle((_, _) -> 0)
                .join();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // It runs.
        }
    }

    private JoinOptions options() {
        JoinOptions options = JoinOptions.DEFAULT;
        try {
            if (name != null) options = options.withName(name);
            if (token != null) options = options.withToken(token);
            return options.withPaths(only);
        } catch (PeerlineException _) {
            throw usage("--name needs 1 to " + Names.MAX_NAME_CHARACTERS + " characters");
        }
    }

    private URI place() {
        URI base = parse(url);
        if (room == null) {
            String path = base.getPath().replaceFirst("/$", "");
            checkRoom(path.substring(path.lastIndexOf('/') + 1), true);
            return base;
        }
        checkRoom(room, false);
        String fragment = base.getRawFragment();
        String text = base.toString().replaceFirst("[#?].*", "").replaceFirst("/+$", "");
        return URI.create(text + "/" + room + (fragment == null ? "" : "#" + fragment));
    }

    private URI parse(String text) {
        try {
            URI parsed = new URI(text);
            boolean http = String.valueOf(parsed.getScheme()).matches("(?i)https?");
            if (http && parsed.getHost() != null) return parsed;
        } catch (URISyntaxException _) {
            // As below.
        }
        String meant = text.contains("://") ? "http://localhost:8080" : "http://" + text;
        throw usage("\"" + text + "\" is no URL of a server: write " + meant);
    }

    private void checkRoom(String text, boolean ofUrl) {
        if (Names.isRoom(text)) return;
        if (ofUrl && text.isEmpty()) throw usage("The URL names no room: add one, as in URL ROOM");
        throw usage(
                "\"%s\" is no room: 1 to 64 letters, digits, - and _, none of %s"
                        .formatted(text, String.join(" ", Names.RESERVED)));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Names of paths with commas between. */
    static final class Paths implements ITypeConverter<Set<PathKind>> {
        @Override
        public Set<PathKind> convert(String text) {
            EnumSet<PathKind> kinds = EnumSet.noneOf(PathKind.class);
            for (String each : Arrays.asList(text.split("[,\\s]+", -1))) {
                try {
                    kinds.add(PathKind.parse(each));
                } catch (IllegalArgumentException problem) {
                    throw new TypeConversionException(problem.getMessage());
                }
            }
            return kinds;
        }
    }
}
