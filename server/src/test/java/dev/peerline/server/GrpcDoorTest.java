package dev.peerline.server;

import static dev.peerline.server.GrpcClient.after;
import static dev.peerline.server.GrpcClient.message;
import static dev.peerline.server.GrpcClient.refusal;
import static dev.peerline.server.GrpcClient.text;
import static dev.peerline.server.GrpcClient.trailer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.grpc.PushError;
import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** To whom gRPC opens, and what it answers. */
final class GrpcDoorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Tokens TOKENS =
            new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());

    @TempDir static Path folder;

    private static Serving open;
    private static Serving shut;
    private static GrpcClient client;
    private static GrpcClient stranger;

    private GrpcDoorTest() {}

    @BeforeAll
    static void start() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        open = Serving.with("--grpc-port=0");
        // Behind a proxy on this machine: everything is on loopback, and nobody is trusted for it.
        shut =
                Serving.with(
                        "--public",
                        "--listen=127.0.0.1",
                        "--grpc-port=0",
                        "--secret-file=" + secret,
                        "--open-topics=free.>",
                        "--publishes-per-second=2",
                        "--requests-per-second=1",
                        "--topic-readers-per-address=3");
        client = new GrpcClient(open.grpcPort());
        stranger = new GrpcClient(shut.grpcPort());
    }

    @AfterAll
    static void stop() {
        client.close();
        stranger.close();
        open.close();
        shut.close();
    }

    private static String token(String subscribe, String publish, Duration life) {
        return TOKENS.mint(
                new Claims(
                        null,
                        null,
                        subscribe.isEmpty() ? List.of() : List.of(subscribe),
                        publish.isEmpty() ? List.of() : List.of(publish),
                        Instant.now().plus(life)));
    }

    private static String token(String subscribe, String publish) {
        return token(subscribe, publish, Duration.ofHours(1));
    }

    private static void read(GrpcClient by, String token, String topic) {
        var push = token.isEmpty() ? by.push() : by.push(token);
        Iterator<SubscribeResponse> events =
                push.withDeadlineAfter(GrpcClient.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .subscribe(after(topic, ""));
        assertTrue(events.next().hasStarted());
    }

    @Test
    void whatOneWayPublishesEveryWayReadsUnderTheSameCursor() throws Exception {
        String first = client.publish("mixed", "by gRPC");
        String second = TopicTransport.publish(open.port(), "mixed", "by HTTP");
        Iterator<SubscribeResponse> events = client.push().subscribe(after("mixed", "0"));
        assertTrue(events.next().hasStarted());
        assertEquals("by gRPC", text(events.next()));
        SubscribeResponse last = events.next();
        assertEquals("by HTTP", text(last));
        assertEquals(second, last.getMessage().getId());
        assertEquals("mixed", last.getMessage().getTopic());
        try (var reading = TopicTransport.LONG_POLL.open(open.port(), "mixed", first, null)) {
            assertEquals("by HTTP", reading.text());
        }
    }

    @Test
    void aRetryWithItsKeyIsTheSameMessageByHttpToo() throws Exception {
        String id = client.push().publish(message("orders", "1", "k-1")).getId();
        assertEquals(id, client.push().publish(message("orders", "1", "k-1")).getId());
        assertNotEquals(id, client.push().publish(message("orders", "1", "k-2")).getId());
        assertEquals(
                id, TopicTransport.publish(open.port(), "orders", "1", "Idempotency-Key", "k-1"));
    }

    @Test
    void whatIsWrongIsToldAsStatusAndCode() throws Exception {
        assertEquals("INVALID_ARGUMENT BAD_TOPIC", refusal(() -> client.publish("a..b", "x")));
        assertEquals("INVALID_ARGUMENT BAD_TOPIC", refusal(() -> client.publish("a.*", "x")));
        assertEquals(
                "INVALID_ARGUMENT BAD_TOPIC",
                refusal(() -> client.push().subscribe(after("", "")).next()));
        assertEquals(
                "INVALID_ARGUMENT BAD_CURSOR",
                refusal(() -> client.push().subscribe(after("a", "yesterday")).next()));
        assertEquals(
                "INVALID_ARGUMENT BAD_REQUEST",
                refusal(() -> client.push().publish(message("a", "x", "a b"))));
        PublishRequest typed =
                message("a", "x", "").toBuilder().setType("text/plain\r\nx: y").build();
        assertEquals("INVALID_ARGUMENT BAD_REQUEST", refusal(() -> client.push().publish(typed)));
        assertEquals(
                "RESOURCE_EXHAUSTED MESSAGE_TOO_LARGE",
                refusal(() -> client.publish("a", "x".repeat(65_537))));
        client.publish("a", "x".repeat(65_536));
        StatusRuntimeException huge =
                assertThrows(
                        StatusRuntimeException.class,
                        () -> client.publish("a", "x".repeat(1 << 20)));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, huge.getStatus().getCode());
    }

    @Test
    void everyRefusalOfHttpHasItsNameHere() {
        for (TopicError error : TopicError.values()) {
            // A method that there is not, and a body's encoding: gRPC has its own words for them.
            boolean own =
                    error == TopicError.METHOD_NOT_ALLOWED
                            || error == TopicError.UNSUPPORTED_ENCODING;
            if (!own) assertNotNull(PushError.valueOf(error.name()));
        }
    }

    @Test
    void readingAndPublishingEachNeedTheirScope() throws Exception {
        String reader = token("a.>", "");
        String writer = token("", "a.x");
        assertEquals("UNAUTHENTICATED UNAUTHORIZED", refusal(() -> read(stranger, "", "a")));
        assertEquals("UNAUTHENTICATED UNAUTHORIZED", refusal(() -> stranger.publish("a.x", "x")));
        stranger.push(writer).publish(message("a.x", "x", ""));
        assertEquals(
                "PERMISSION_DENIED FORBIDDEN_SCOPE",
                refusal(() -> stranger.push(writer).publish(message("a.y", "x", ""))));
        assertEquals(
                "PERMISSION_DENIED FORBIDDEN_SCOPE",
                refusal(() -> stranger.push(reader).publish(message("a.x", "x", ""))));
        assertEquals(
                "PERMISSION_DENIED FORBIDDEN_SCOPE", refusal(() -> read(stranger, writer, "a.x")));
        read(stranger, reader, "a.x");
        read(stranger, "", "free.news");
        String old = token("a.>", "", Duration.ofSeconds(-1));
        assertEquals("UNAUTHENTICATED TOKEN_EXPIRED", refusal(() -> read(stranger, old, "a.x")));
        assertEquals(
                "UNAUTHENTICATED UNAUTHORIZED", refusal(() -> read(stranger, "nonsense", "a.x")));
    }

    @Test
    void streamsEndWithTheToken() throws Exception {
        String brief = token("a", "", Duration.ofSeconds(3));
        Iterator<SubscribeResponse> events =
                stranger.push(brief)
                        .withDeadlineAfter(GrpcClient.PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .subscribe(after("a", ""));
        assertTrue(events.next().hasStarted());
        assertEquals("UNAUTHENTICATED TOKEN_EXPIRED", refusal(events::next));
    }

    @Test
    void oneTokenHasOnlySoManyReadersAndMayPublishOnlySoMuch() throws Exception {
        String token = token("b", "b");
        List<Iterator<SubscribeResponse>> readers = new ArrayList<>();
        try (GrpcClient another = new GrpcClient(shut.grpcPort())) {
            for (int i = 0; i < 3; i++) {
                readers.add(another.push(token).subscribe(after("b", "")));
                assertTrue(readers.getLast().next().hasStarted());
            }
            assertEquals(
                    "RESOURCE_EXHAUSTED TOO_MANY_READERS",
                    refusal(() -> another.push(token).subscribe(after("b", "")).next()));
        }
        StatusRuntimeException refused =
                assertThrows(
                        StatusRuntimeException.class,
                        () -> {
                            for (int i = 0; i < 1_000; i++) {
                                stranger.push(token).publish(message("b", "x", ""));
                            }
                        });
        assertEquals("RESOURCE_EXHAUSTED RATE_LIMITED", refusal(refused));
        String pushback = trailer(refused, "grpc-retry-pushback-ms");
        assertNotNull(pushback);
        assertTrue(Integer.parseInt(pushback) > 0, pushback);
        // Another token has its own; one minted in the same second for the same would be the same.
        stranger.push(token("", "b")).publish(message("b", "x", ""));
    }

    @Test
    void whatIsNotAboutTopicsHasARateOfItsOwn() throws Exception {
        var health = HealthGrpc.newBlockingStub(stranger.channel());
        StatusRuntimeException refused =
                assertThrows(
                        StatusRuntimeException.class,
                        () -> {
                            for (int i = 0; i < 1_000; i++) {
                                health.check(HealthCheckRequest.getDefaultInstance());
                            }
                        });
        assertEquals("RESOURCE_EXHAUSTED RATE_LIMITED", refusal(refused));
    }

    @Test
    void withoutASecretItAnswersForItsOwnNamesAlone() throws Exception {
        try (GrpcClient rebound =
                new GrpcClient(
                        NettyChannelBuilder.forAddress("127.0.0.1", open.grpcPort())
                                .overrideAuthority("evil.example")
                                .usePlaintext())) {
            assertEquals(
                    "PERMISSION_DENIED FORBIDDEN_HOST", refusal(() -> rebound.publish("a", "x")));
            var health = HealthGrpc.newBlockingStub(rebound.channel());
            assertEquals(
                    "PERMISSION_DENIED FORBIDDEN_HOST",
                    refusal(() -> health.check(HealthCheckRequest.getDefaultInstance())));
        }
    }

    @Test
    void healthAndReflectionAreTheStandardOnes() throws Exception {
        var health = HealthGrpc.newBlockingStub(client.channel());
        for (String service : List.of("", "peerline.v1.Push")) {
            var asked = HealthCheckRequest.newBuilder().setService(service).build();
            assertEquals(ServingStatus.SERVING, health.check(asked).getStatus());
        }
        GrpcClient.Received<ServerReflectionResponse> answers = new GrpcClient.Received<>();
        var questions =
                ServerReflectionGrpc.newStub(client.channel()).serverReflectionInfo(answers);
        questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        String services = answers.next().toString();
        assertTrue(services.contains("peerline.v1.Push"), services);
        assertTrue(services.contains("grpc.health.v1.Health"), services);
        questions.onCompleted();
        answers.completed();
    }

    @Test
    void metricsCountCallsAndReadersWithoutNamingTopics() throws Exception {
        client.publish("a-topic-of-mine", "x");
        read(client, "", "a-topic-of-mine");
        String text = RawHttp.get(open.port(), "/metrics").text();
        assertTrue(
                text.contains("peerline_grpc_calls_total{method=\"Publish\",status=\"OK\"}"), text);
        assertTrue(text.contains("peerline_topic_readers_opened_total{kind=\"grpc\"}"), text);
        assertTrue(text.contains("\npeerline_grpc_connections "), text);
        assertFalse(text.contains("a-topic-of-mine"));
    }
}
