package dev.peerline.server;

import dev.peerline.fallback.grpc.PushServer;
import dev.peerline.server.config.BadUsage;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server in this process, started as the command line starts it; on any free port. */
final class Serving implements AutoCloseable {
    private final Server server;
    private final StringWriter out;

    private Serving(Server server, StringWriter out) {
        this.server = server;
        this.out = out;
    }

    static Serving with(String... options) throws IOException {
        return with(Map.of(), options);
    }

    static Serving with(Map<String, String> environment, String... options) throws IOException {
        StringWriter out = new StringWriter();
        return new Serving(command(environment, out, options).start(), out);
    }

    /** What the options come to, for tests that change something that has no option. */
    static ServePlan plan(String... options) throws IOException {
        return command(Map.of(), new StringWriter(), options).plan();
    }

    private static ServeCommand command(
            Map<String, String> environment, StringWriter out, String... options) {
        List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
        all.addAll(List.of(options));
        boolean said = all.stream().anyMatch(it -> it.matches("--(turn-port|no-relay).*"));
        if (!said) all.addAll(List.of("--turn-port", "0"));
        boolean pushes = all.stream().anyMatch(it -> it.matches("--(grpc-port|no-grpc).*"));
        if (!pushes) all.add("--no-grpc");
        String[] args = all.toArray(String[]::new);
        PrintWriter writer = new PrintWriter(out);
        try {
            CommandLine.ParseResult parsed =
                    Main.commandLine(environment, writer, writer, args).parseArgs(args);
            return (ServeCommand) parsed.subcommand().commandSpec().userObject();
        } catch (BadUsage problem) {
            throw new IllegalArgumentException(problem);
        }
    }

    Server server() {
        return server;
    }

    int port() {
        return server.http().port();
    }

    /** That of gRPC; tests that want one say {@code --grpc-port=0}. */
    int grpcPort() {
        PushServer grpc = server.grpc();
        if (grpc == null) throw new AssertionError("no gRPC was asked for");
        return grpc.port();
    }

    String stdout() {
        return out.toString();
    }

    @Override
    public void close() {
        server.close();
    }
}
