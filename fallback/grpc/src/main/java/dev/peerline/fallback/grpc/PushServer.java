package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.link.topic.Topics;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

/**
 * gRPC on a port of its own: {@code peerline.v1.Push}, health and reflection. Opened, drained and
 * closed by one thread; it answers on threads of its own.
 */
public final class PushServer implements AutoCloseable {
    private static final int PORT_ATTEMPTS = 4;
    private static final int MAX_IO_THREADS = 4;

    /** What metadata may take: a token has 4 KiB at most. Above the second the connection ends. */
    private static final int METADATA_BYTES = 16 * 1024;

    private static final int MAX_METADATA_BYTES = 32 * 1024;

    /** Fields besides the data, and enough over its limit that most are told which limit it is. */
    private static final int OVERHEAD_BYTES = 8 * 1024;

    private static final int MAX_CALLS_PER_CONNECTION = 100;

    /** What a client sends ahead of its being read, a connection and a call. */
    private static final int FLOW_CONTROL_WINDOW = 256 * 1024;

    /**
     * Calls that a client may begin and take back: more of them in the time, and it is sent away.
     */
    private static final int MAX_RESETS = 200;

    private static final int RESETS_SECONDS = 10;
    private static final int PINGS_APART_SECONDS = 10;
    private static final int IDLE_MINUTES = 5;
    private static final int ANSWER_SECONDS = 20;
    private static final String[] TLS = {"TLSv1.3", "TLSv1.2"};

    private final Place place;
    private final PushLimits limits;
    private final PushService service;
    private final Calls calls;
    private final ConnectionCount connections;
    private final HealthStatusManager health = new HealthStatusManager();
    private final EventLoopGroup io;
    private final List<Server> servers = new ArrayList<>();
    private int port;

    /**
     * Where it listens.
     *
     * @param port 0 is any
     * @param tls null for plain text
     */
    public record Place(List<InetAddress> addresses, int port, @Nullable SSLContext tls) {
        public Place {
            addresses = List.copyOf(addresses);
        }
    }

    /** What stands behind it. */
    public record Inside(Topics topics, PushAccess access, PushMetrics metrics) {}

    private PushServer(Place place, Inside inside, PushLimits limits) {
        this.place = place;
        this.limits = limits;
        PushAccess access = inside.access();
        PushMetrics metrics = inside.metrics();
        service = new PushService(inside.topics(), access, limits, metrics);
        calls = new Calls(access, metrics);
        connections = new ConnectionCount(limits, access, metrics);
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_IO_THREADS);
        io =
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("peerline-grpc-io", true),
                        NioIoHandler.newFactory());
        health.setStatus(PushGrpc.SERVICE_NAME, ServingStatus.SERVING);
    }

    /**
     * Opens its port.
     *
     * @throws BindException when that is not to be had; the message names it
     */
    public static PushServer open(Place place, Inside inside, PushLimits limits)
            throws IOException {
        PushServer server = new PushServer(place, inside, limits);
        try {
            server.port = server.listen();
            return server;
        } catch (IOException | RuntimeException problem) {
            server.close();
            throw problem;
        }
    }

    private int listen() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                int wanted = place.port();
                for (InetAddress address : place.addresses()) {
                    wanted = listen(new InetSocketAddress(address, wanted));
                }
                return wanted;
            } catch (BindException problem) {
                // Any port was asked for, and this one was free on the first address alone.
                servers.forEach(Server::shutdownNow);
                servers.clear();
                if (place.port() != 0 || attempt == PORT_ATTEMPTS) throw problem;
            }
        }
    }

    private int listen(InetSocketAddress address) throws IOException {
        Server server = builder(address).build();
        try {
            server.start();
        } catch (IOException problem) {
            Throwable cause = problem.getCause();
            String why = cause == null ? problem.getMessage() : cause.getMessage();
            String where = address.getAddress().getHostAddress();
            throw new BindException("Port %d on %s: %s".formatted(address.getPort(), where, why));
        }
        servers.add(server);
        return server.getPort();
    }

    private NettyServerBuilder builder(InetSocketAddress address) {
        // What TLS needs is told below, in gRPC's older way: that takes a context of our own.
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
        SSLContext tls = place.tls();
        if (tls != null) builder.sslContext(context(tls));
        return builder.bossEventLoopGroup(io)
                .workerEventLoopGroup(io)
                .channelFactory(() -> new CountedServerChannel(connections))
                .directExecutor()
                .maxInboundMessageSize(2 * limits.maxMessageBytes() + OVERHEAD_BYTES)
                .maxInboundMetadataSize(METADATA_BYTES, MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .maxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .permitKeepAliveTime(PINGS_APART_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(limits.heartbeat().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES)
                .handshakeTimeout(limits.head().toMillis(), TimeUnit.MILLISECONDS)
                .intercept(calls)
                .addService(service)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(olderReflection());
    }

    /** Under the name that it had while it was new: many tools ask for nothing else. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return ProtoReflectionService.newInstance();
    }

    /** The JDK's TLS, so that a context whose certificate is renewed shows the new one. */
    private static SslContext context(SSLContext tls) {
        ApplicationProtocolConfig http2 =
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2");
        return new JdkSslContext(
                tls,
                false,
                Http2SecurityUtil.CIPHERS,
                SupportedCipherSuiteFilter.INSTANCE,
                http2,
                ClientAuth.NONE,
                TLS.clone(),
                false);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Every socket that listens. */
    public List<InetSocketAddress> places() {
        return place.addresses().stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /** TCP connections that are open now. */
    public int connections() {
        return connections.total();
    }

    /**
     * Sends all clients away: no further connections and calls, health says so, and streams end one
     * after another within the spread, with {@code UNAVAILABLE}.
     */
    public void startDraining(Duration spread) {
        health.enterTerminalState();
        service.drain(spread.toMillis());
        // Tells every connection that it is the last of its kind (GOAWAY).
        servers.forEach(Server::shutdown);
    }

    /** Waits until all calls are over; false when some are not within the limit. */
    public boolean awaitIdle(Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        for (Server server : servers) {
            long leftNanos = endNanos - System.nanoTime();
            if (!server.awaitTermination(leftNanos, TimeUnit.NANOSECONDS)) return false;
        }
        return true;
    }

    /** Ends every call at once. */
    @Override
    public void close() {
        servers.forEach(Server::shutdownNow);
        service.close();
        var _ = io.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
