package dev.peerline.server.grpc;

import dev.peerline.fallback.grpc.PushLimits;
import dev.peerline.fallback.http.topics.ReaderLimits;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.door.LocalAddresses;
import dev.peerline.server.door.Mode;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.options.GrpcOptions;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;

import javax.net.ssl.SSLContext;

/**
 * How gRPC is served.
 *
 * @param addresses where it listens
 * @param port 0 is any
 * @param mayMove whether another port will do when this one is taken
 * @param confined whether it listens on loopback alone because it has no TLS
 * @param tls null for plain text
 * @param http doors and tokens, which are the same
 */
public record GrpcPlan(
        List<InetAddress> addresses,
        int port,
        boolean mayMove,
        boolean confined,
        @Nullable SSLContext tls,
        HttpConfig http,
        PushLimits limits) {
    public GrpcPlan {
        addresses = List.copyOf(addresses);
    }

    /** Null for no gRPC. */
    public static @Nullable GrpcPlan of(GrpcOptions options, HttpConfig http, ReaderLimits readers)
            throws BadUsage {
        if (options.noGrpc) {
            if (options.grpcPort == null) return null;
            throw new BadUsage("Choose one of --grpc-port and --no-grpc");
        }
        boolean open = http.page().mode() == Mode.PUBLIC;
        HttpConfig.Tls tls = http.tls();
        boolean bare =
                open
                        && tls == null
                        && !http.addresses().stream().allMatch(InetAddress::isLoopbackAddress);
        if (bare && options.grpcPort != null) {
            throw new BadUsage(
                    "gRPC outside of loopback needs TLS with --public: add --tls-cert and"
                            + " --tls-key, or leave out --grpc-port, which serves it on loopback"
                            + " alone");
        }
        boolean moves = options.grpcPort == null && !open;
        int port = options.grpcPort == null ? GrpcOptions.DEFAULT_PORT : options.grpcPort;
        HttpConfig.Limits limits = http.limits();
        return new GrpcPlan(
                bare ? LocalAddresses.loopback() : http.addresses(),
                port,
                moves,
                bare,
                tls == null ? null : tls.certificate().context(),
                http,
                new PushLimits(
                        readers.maxMessageBytes(),
                        limits.connections(),
                        limits.connectionsPerAddress(),
                        readers.heartbeat(),
                        readers.writeTimeout(),
                        http.timeouts().head()));
    }
}
