package dev.peerline.fallback.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.wire.Bytes;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** What clients cannot make the server hold. */
@Timeout(120)
final class PushServerTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final MemoryTopics topics = new MemoryTopics(1, TopicLimits.DEFAULT);
    private final OpenDoor door = new OpenDoor();

    private PushServer open(Duration writeTimeout, int connections) throws IOException {
        Duration second = Duration.ofSeconds(1);
        PushLimits limits =
                new PushLimits(64 * 1024, 100, connections, second, writeTimeout, second);
        return PushServer.open(
                new PushServer.Place(List.of(LOOPBACK), 0, null),
                new PushServer.Inside(topics, door, door),
                limits);
    }

    private void publish(int count) {
        TopicPattern topic = TopicPattern.parse("a");
        assertNotNull(topic);
        Bytes body = Bytes.of(new byte[60_000]);
        for (int i = 0; i < count; i++) {
            topics.publish(new Publication(topic, "a/b", body, null), 0, _ -> {});
        }
    }

    /** Reads one event, and then nothing until it is told to. */
    private static final class Idle
            implements ClientResponseObserver<SubscribeRequest, SubscribeResponse> {
        private final BlockingQueue<Object> items = new LinkedBlockingQueue<>();
        private @Nullable ClientCallStreamObserver<SubscribeRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(SubscribeResponse event) {
            items.add(event);
        }

        @Override
        public void onError(Throwable problem) {
            items.add(problem);
        }

        @Override
        public void onCompleted() {
            items.add("completed");
        }
    }

    @Test
    void aReaderThatTakesNothingIsResetThoughItsConnectionLives() throws Exception {
        try (PushServer server = open(Duration.ofSeconds(1), 10)) {
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                            .usePlaintext()
                            .build();
            try {
                Idle idle = new Idle();
                PushGrpc.newStub(channel)
                        .subscribe(SubscribeRequest.newBuilder().setTopic("a").build(), idle);
                assertInstanceOf(SubscribeResponse.class, idle.items.take());
                // More than sockets and windows take.
                publish(100);
                door.awaitReaders(0);
                ClientCallStreamObserver<SubscribeRequest> call = idle.call;
                assertNotNull(call);
                call.request(1_000);
                int got = 0;
                Object item = idle.items.take();
                for (; item instanceof SubscribeResponse; item = idle.items.take()) got++;
                assertTrue(got < 100, "it was sent all of it");
                assertInstanceOf(StatusRuntimeException.class, item);
                // The connection is as good as ever.
                assertTrue(
                        PushGrpc.newBlockingStub(channel)
                                .subscribe(SubscribeRequest.newBuilder().setTopic("a").build())
                                .next()
                                .hasStarted());
                assertEquals(1, server.connections());
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndThoseThatEndMakeRoom() throws Exception {
        try (PushServer server = open(Duration.ofSeconds(10), 3)) {
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 3; i++) sockets.add(new Socket(LOOPBACK, server.port()));
            // HTTP/2 begins with the server's settings: these three are served.
            for (Socket socket : sockets) assertTrue(socket.getInputStream().read() >= 0);
            try (Socket fourth = new Socket(LOOPBACK, server.port())) {
                assertEquals(-1, read(fourth));
            }
            assertEquals(1, door.refusedConnections());
            for (Socket socket : sockets) socket.close();
            while (server.connections() > 0) Thread.onSpinWait();
            try (Socket next = new Socket(LOOPBACK, server.port())) {
                assertTrue(read(next) >= 0);
            }
        }
    }

    private static int read(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException _) {
            return -1;
        }
    }

    @Test
    void whoSaysNothingIsNotWaitedFor() throws Exception {
        try (PushServer server = open(Duration.ofSeconds(10), 3);
                Socket silent = new Socket(LOOPBACK, server.port())) {
            while (read(silent) >= 0) {}
            while (server.connections() > 0) Thread.onSpinWait();
        }
    }
}
