package dev.peerline.server.options;

import dev.peerline.server.config.Numbers;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** Topics over gRPC. */
public final class GrpcOptions {
    /** Where it is looked for when nothing else is said. */
    public static final int DEFAULT_PORT = 9090;

    @Option(
            names = "--grpc-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "gRPC, with TLS where that is configured; 0 is any free one. Default: 9090,"
                            + " without --public another where that is taken; with --public and"
                            + " without TLS on loopback alone.")
    public @Nullable Integer grpcPort;

    @Option(
            names = "--no-grpc",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Do without gRPC.")
    public boolean noGrpc;
}
