package dev.peerline.fallback.grpc.client;

import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.SSLContext;

/**
 * One {@code Subscribe} of {@code peerline.v1.Push} on a connection of its own, whose bytes are
 * counted at the socket. Takes one message at a time: the next comes when it is asked for.
 * Thread-safe.
 */
public final class MeasuredSubscription implements AutoCloseable {
    private static final String CODE = "peerline-code";

    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final EventLoopGroup io =
            new MultiThreadIoEventLoopGroup(
                    1,
                    new DefaultThreadFactory("peerline-grpc-client", true),
                    NioIoHandler.newFactory());
    private final ManagedChannel channel;
    private final ClientCall<SubscribeRequest, SubscribeResponse> call;

    /**
     * Where the server is.
     *
     * @param tls whom to trust; null for plain text
     */
    public record Target(InetSocketAddress address, @Nullable SSLContext tls) {}

    /**
     * What is read.
     *
     * @param topic a topic or a pattern
     * @param after a cursor, {@code 0} or {@code now}
     * @param token null for none
     */
    public record Subscription(String topic, String after, @Nullable String token) {}

    /** Told of what comes, one after the other, on threads of gRPC; must not block. */
    public interface Events {
        /** The subscription stands. */
        void started();

        /**
         * A message, as it came in.
         *
         * @param arrivedNanos by {@link System#nanoTime}
         */
        void message(Message message, long arrivedNanos);

        /** Something was forgotten before it was read. */
        void gap(Gap gap);

        /**
         * No more comes.
         *
         * @param code of our own, such as {@code FORBIDDEN_SCOPE}; gRPC's where there is none
         */
        void ended(String code, String detail);
    }

    /** A topic's message; the data is what was published. */
    public record Message(String id, long timeMillis, String type, String data) {}

    /** As in {@code push.proto}, the reason in small letters. */
    public record Gap(String after, String oldest, String reason) {}

    /** Connects and subscribes. */
    public MeasuredSubscription(Target target, Subscription subscription, Events events) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forAddress(target.address())
                        .channelFactory(() -> new CountedChannel(bytesIn, bytesOut))
                        .eventLoopGroup(io)
                        .proxyDetector(_ -> null)
                        .directExecutor()
                        .disableRetry();
        SSLContext tls = target.tls();
        if (tls == null) builder.usePlaintext();
        else builder.sslContext(http2(tls));
        channel = builder.build();
        call = channel.newCall(PushGrpc.getSubscribeMethod(), CallOptions.DEFAULT);
        Metadata metadata = new Metadata();
        String token = subscription.token();
        if (token != null) metadata.put(key("authorization"), "Bearer " + token);
        call.start(new Listener(events), metadata);
        call.sendMessage(
                SubscribeRequest.newBuilder()
                        .setTopic(subscription.topic())
                        .setAfter(subscription.after())
                        .build());
        call.halfClose();
        call.request(1);
    }

    private static JdkSslContext http2(SSLContext tls) {
        ApplicationProtocolConfig http2 =
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2");
        return new JdkSslContext(
                tls,
                true,
                null,
                IdentityCipherSuiteFilter.INSTANCE,
                http2,
                ClientAuth.NONE,
                null,
                false);
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    /** Asks for one message more. */
    public void next() {
        call.request(1);
    }

    /** All that came in at the socket so far: HTTP/2's frames and TLS's records included. */
    public long bytesIn() {
        return bytesIn.get();
    }

    /** All that went out there so far, likewise. */
    public long bytesOut() {
        return bytesOut.get();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = io.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static final class Listener extends ClientCall.Listener<SubscribeResponse> {
        private final Events events;

        Listener(Events events) {
            this.events = events;
        }

        @Override
        public void onMessage(SubscribeResponse response) {
            long arrivedNanos = System.nanoTime();
            switch (response.getEventCase()) {
                case MESSAGE -> {
                    var message = response.getMessage();
                    events.message(
                            new Message(
                                    message.getId(),
                                    message.getTime(),
                                    message.getType(),
                                    message.getData().toString(StandardCharsets.UTF_8)),
                            arrivedNanos);
                }
                case GAP -> {
                    var gap = response.getGap();
                    events.gap(
                            new Gap(
                                    gap.getAfter(),
                                    gap.getOldest(),
                                    gap.getReason().name().toLowerCase(Locale.ROOT)));
                }
                case STARTED, EVENT_NOT_SET -> events.started();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            String code = trailers.get(key(CODE));
            String detail = status.getDescription();
            events.ended(
                    code == null ? status.getCode().name() : code, detail == null ? "" : detail);
        }
    }
}
