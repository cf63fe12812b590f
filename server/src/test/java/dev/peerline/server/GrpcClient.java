package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;

import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.grpc.v1.PushGrpc.PushBlockingStub;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of gRPC, and what its tests have in common. */
final class GrpcClient implements AutoCloseable {
    static final int PATIENCE_SECONDS = 60;
    private static final Metadata.Key<String> AUTHORIZATION = key("authorization");

    private final ManagedChannel channel;

    GrpcClient(int port) {
        this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext());
    }

    GrpcClient(NettyChannelBuilder builder) {
        channel = builder.build();
    }

    static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    ManagedChannel channel() {
        return channel;
    }

    PushBlockingStub push() {
        return PushGrpc.newBlockingStub(channel);
    }

    PushBlockingStub push(String token) {
        return push().withInterceptors(attaching(token));
    }

    private static ClientInterceptor attaching(String token) {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    PushGrpc.PushStub async() {
        return PushGrpc.newStub(channel);
    }

    PushGrpc.PushStub async(String token) {
        return async().withInterceptors(attaching(token));
    }

    String publish(String topic, String text) {
        return push().publish(message(topic, text, "")).getId();
    }

    static PublishRequest message(String topic, String text, String key) {
        return PublishRequest.newBuilder()
                .setTopic(topic)
                .setData(ByteString.copyFromUtf8(text))
                .setType("text/plain")
                .setIdempotencyKey(key)
                .build();
    }

    static SubscribeRequest after(String topic, String after) {
        return SubscribeRequest.newBuilder().setTopic(topic).setAfter(after).build();
    }

    static String text(SubscribeResponse event) {
        assertEquals(SubscribeResponse.EventCase.MESSAGE, event.getEventCase(), event.toString());
        return event.getMessage().getData().toStringUtf8();
    }

    /** gRPC's status and the code of our own, which are in the trailers and in the details. */
    static String refusal(Executable call) throws InvalidProtocolBufferException {
        return refusal(assertThrows(StatusRuntimeException.class, call));
    }

    static String refusal(Throwable problem) throws InvalidProtocolBufferException {
        StatusRuntimeException refused = (StatusRuntimeException) problem;
        String code = trailer(refused, "peerline-code");
        com.google.rpc.Status details = StatusProto.fromThrowable(refused);
        assertNotNull(details, refused.toString());
        assertEquals(code, details.getDetails(0).unpack(ErrorInfo.class).getReason());
        return refused.getStatus().getCode() + " " + code;
    }

    static @Nullable String trailer(StatusRuntimeException refused, String name) {
        Metadata trailers = refused.getTrailers();
        assertNotNull(trailers, refused.toString());
        return trailers.get(key(name));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** What comes on a stream, in order: answers, and how it ended. */
    static final class Received<T> implements StreamObserver<T> {
        private final BlockingQueue<Object> items = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T answer) {
            items.add(answer);
        }

        @Override
        public void onError(Throwable problem) {
            items.add(problem);
        }

        @Override
        public void onCompleted() {
            items.add("completed");
        }

        private Object take() throws InterruptedException {
            Object item = items.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (item == null) throw new AssertionError("nothing came");
            return item;
        }

        @SuppressWarnings("unchecked")
        T next() throws InterruptedException {
            Object item = take();
            if (item instanceof Throwable problem) throw new AssertionError(problem);
            return (T) item;
        }

        Throwable problem() throws InterruptedException {
            return (Throwable) take();
        }

        void completed() throws InterruptedException {
            assertEquals("completed", take());
        }

        boolean isEmpty() {
            return items.isEmpty();
        }
    }
}
