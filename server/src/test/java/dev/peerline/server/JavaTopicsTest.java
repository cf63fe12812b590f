package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonPrimitive;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.PublishOptions;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.Topic;
import dev.peerline.sdk.TopicMessage;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** Topics of the Java SDK, over the session of a room, against a real server. */
final class JavaTopicsTest {
    private static final int PATIENCE_SECONDS = 120;
    private static final int MESSAGES = 300;

    private static Serving serving;

    private JavaTopicsTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--push-peer");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static Room join(String room, PathKind... kinds) {
        URI url = URI.create("http://127.0.0.1:" + serving.port() + "/" + room);
        return Peerline.join(url, JoinOptions.named("Ada").withPaths(kinds));
    }

    @ParameterizedTest
    @EnumSource(
            value = PathKind.class,
            names = {"DIRECT", "RELAYED"},
            mode = EnumSource.Mode.EXCLUDE)
    void aTopicFlowsOverOneKindOfCarrier(PathKind kind) throws Exception {
        String name = "java-" + kind.text();
        try (Room room = join(name, kind)) {
            Topic topic = room.topic(name, "oldest");
            List<CompletableFuture<String>> ids = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) ids.add(topic.publish("m" + i));
            Collector<TopicMessage> got = new Collector<>();
            topic.onMessage(got);
            for (int i = 0; i < MESSAGES; i++) {
                TopicMessage last = got.next();
                assertEquals("m" + i, last.text());
                assertEquals(ids.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS), last.id());
                assertEquals(name, last.topic());
            }
            assertEquals(ids.getLast().get(), topic.cursor());
            Topic rest = room.topic(name, ids.get(MESSAGES - 2).get());
            Collector<TopicMessage> tail = new Collector<>();
            rest.onMessage(tail);
            assertEquals("m" + (MESSAGES - 1), tail.next().text());
        }
    }

    @Test
    void dataArrivesAsWhatItWas() throws Exception {
        try (Room room = join("kinds", PathKind.WEBSOCKET)) {
            Topic topic = room.topic("kinds.one", "oldest");
            CompletableFuture<Void> published =
                    CompletableFuture.allOf(
                            topic.publish(Data.json(new JsonPrimitive(7))),
                            topic.publish(Data.bytes(new byte[] {0, -1})),
                            topic.publish(Data.text("<b>"), PublishOptions.withType("text/html")));
            published.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Collector<TopicMessage> got = new Collector<>();
            Topic pattern = room.topic("kinds.*", "oldest");
            pattern.onMessage(got);
            assertEquals(new JsonPrimitive(7), got.next().json());
            assertEquals(Data.Kind.BINARY, got.next().data().kind());
            TopicMessage html = got.next();
            assertEquals("text/html", html.type());
            assertEquals("<b>", html.text());
            CompletableFuture<String> wrong = pattern.publish("x");
            assertEquals("BAD_ARGUMENT", code(wrong));
            assertEquals("MESSAGE_TOO_LARGE", code(topic.publish("x".repeat(70_000))));
            assertThrows(PeerlineException.class, () -> room.topic("no topic"));
            String first =
                    topic.publish(Data.text("a"), PublishOptions.withKey("k"))
                            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            CompletableFuture<String> again =
                    topic.publish(Data.text("b"), PublishOptions.withKey("k"));
            assertEquals(first, again.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            topic.close();
            assertEquals("CLOSED", code(topic.publish("late")));
        }
    }

    private static String code(CompletableFuture<String> failing) throws Exception {
        ExecutionException failure =
                assertThrows(
                        ExecutionException.class,
                        () -> failing.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return assertInstanceOf(PeerlineException.class, failure.getCause()).code();
    }

    @Test
    void aSubscriberIsGivenWhatItAsksForAndTheRestStaysInTheLog() throws Exception {
        int count = 100;
        String large = "x".repeat(40_000);
        try (Room room = join("flow", PathKind.WEBSOCKET);
                Room writer = join("flow-writer", PathKind.WEBSOCKET)) {
            Topic topic = room.topic("flow.large", "oldest");
            Slow slow = new Slow();
            topic.messages().subscribe(slow);
            List<CompletableFuture<String>> ids = new ArrayList<>();
            Topic into = writer.topic("flow.large");
            for (int i = 0; i < count; i++) ids.add(into.publish(i + " " + large));
            for (CompletableFuture<String> id : ids) id.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            // 4 MB are published; nothing was asked for.
            for (int i = 0; i < count; i++) {
                slow.subscription().request(1);
                TopicMessage message = slow.got.next();
                assertTrue(message.text().startsWith(i + " "), message.id());
            }
            topic.close();
            assertTrue(slow.completed.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private static final class Slow implements Flow.Subscriber<TopicMessage> {
        private final Collector<TopicMessage> got = new Collector<>();
        private final CountDownLatch completed = new CountDownLatch(1);
        private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();

        Flow.Subscription subscription() {
            return subscribed.join();
        }

        @Override
        public void onSubscribe(Flow.Subscription its) {
            subscribed.complete(its);
        }

        @Override
        public void onNext(TopicMessage message) {
            got.accept(message);
        }

        @Override
        public void onError(Throwable problem) {
            throw new AssertionError(problem);
        }

        @Override
        public void onComplete() {
            completed.countDown();
        }
    }
}
