package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonPrimitive;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.Impatient;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.PublishOptions;
import dev.peerline.sdk.Topic;
import dev.peerline.sdk.TopicGap;
import dev.peerline.sdk.TopicMessage;
import dev.peerline.sdk.Topics;
import dev.peerline.sdk.TopicsOptions;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Topics of the Java SDK without a room, against a real server. */
final class JavaTopicsAloneTest {
    private static final int PATIENCE_SECONDS = 120;
    private static final String SECRET = "a secret of more than thirty-two bytes";

    @TempDir private Path folder;

    private static Topics topics(int port) {
        return Peerline.topics(url(port));
    }

    private static URI url(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    private static String get(CompletableFuture<String> id) throws Exception {
        return id.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static Collector<TopicMessage> heard(Topic topic) {
        Collector<TopicMessage> got = new Collector<>();
        topic.onMessage(got);
        return got;
    }

    private static PublishOptions key(String key) {
        return PublishOptions.withKey(key);
    }

    @Test
    void historyPatternsAndAllKindsOfData() throws Exception {
        try (Serving serving = Serving.with();
                Topics client = topics(serving.port())) {
            get(client.publish("alone.a", "before"));
            Topic pattern = client.topic("alone.*", "oldest");
            Collector<TopicMessage> got = heard(pattern);
            assertEquals("before", got.next().text());
            get(client.publish("alone.b", Data.json(new JsonPrimitive(1.07))));
            get(client.publish("alone.c", Data.bytes(new byte[] {0, -1})));
            String id = get(client.publish("alone.d", Data.text("Grüße 🎉"), key("k")));
            assertEquals(id, get(client.publish("alone.d", Data.text("again"), key("k"))));
            assertEquals(new JsonPrimitive(1.07), got.next().json());
            assertArrayEquals(new byte[] {0, -1}, got.next().bytes());
            TopicMessage last = got.next();
            assertEquals("Grüße 🎉", last.text());
            assertEquals("alone.d", last.topic());
            assertEquals(id, last.id());
            assertEquals(id, pattern.cursor());
            Topic html = client.topic("alone.e", "oldest");
            get(html.publish(Data.text("<b>"), PublishOptions.withType("text/html")));
            assertEquals("text/html", heard(html).next().type());
            assertEquals("<b>", heard(client.topic("alone.*", id)).next().text());
            assertEquals("BAD_ARGUMENT", code(client.publish("alone.*", "x")));
            assertEquals("BAD_ARGUMENT", code(pattern.publish("x")));
            assertEquals("MESSAGE_TOO_LARGE", code(client.publish("alone.a", "x".repeat(70_000))));
            assertThrows(PeerlineException.class, () -> client.topic("no topic"));
            pattern.close();
            assertEquals("CLOSED", code(pattern.publish("late")));
            Topics closed = topics(serving.port());
            closed.close();
            assertEquals("CLOSED", code(closed.publish("alone.a", "late")));
        }
    }

    private static String code(CompletableFuture<String> failing) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> get(failing));
        return assertInstanceOf(PeerlineException.class, failure.getCause()).code();
    }

    @Test
    void messagesOfOneTopicAreInTheOrderOfTheCalls() throws Exception {
        try (Serving serving = Serving.with();
                Topics client = topics(serving.port())) {
            List<CompletableFuture<String>> ids = new ArrayList<>();
            for (int i = 0; i < 200; i++) ids.add(client.publish("order." + i % 3, "" + i));
            for (CompletableFuture<String> id : ids) get(id);
            for (int topic = 0; topic < 3; topic++) {
                Collector<TopicMessage> got = heard(client.topic("order." + topic, "oldest"));
                for (int i = topic; i < 200; i += 3) assertEquals("" + i, got.next().text());
            }
        }
    }

    @Test
    void aStreamThatIsCutGoesOnAfterItsLastMessage() throws Exception {
        try (Serving serving = Serving.with();
                TcpProxy proxy = new TcpProxy(serving.port());
                Topics writer = topics(serving.port());
                Topics client = Peerline.topics(proxy.url(""))) {
            Collector<TopicMessage> got = heard(client.topic("cut", "oldest"));
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 20; i++) {
                    get(writer.publish("cut", "%d %d".formatted(round, i)));
                    if (i == round) proxy.cut();
                }
                for (int i = 0; i < 20; i++) {
                    assertEquals("%d %d".formatted(round, i), got.next().text());
                }
            }
            assertTrue(got.isEmpty());
        }
    }

    @Test
    void whatKeepsStreamsToItselfIsReadByLongPolls() throws Exception {
        try (Serving serving = Serving.with();
                TcpProxy proxy = new TcpProxy(serving.port());
                Topics client =
                        Peerline.topics(proxy.url(""), Impatient.topics(Duration.ofMillis(500)))) {
            proxy.withholdAnswersTo("text/event-stream");
            Topic topic = client.topic("buffered", "oldest");
            Collector<TopicMessage> got = heard(topic);
            get(client.publish("buffered", "one"));
            assertEquals("one", got.next().text());
            get(client.publish("buffered", "two"));
            assertEquals("two", got.next().text());
            assertFalse(proxy.withheld() < 2, "streams were tried: " + proxy.withheld());
        }
    }

    @Test
    @Tag("slow")
    void throughARestartWithDataNoGapWithoutOneThatSaysWhere() throws Exception {
        Path log = folder.resolve("log");
        String data = "--data=" + folder.resolve("data");
        ServerProcess server = ServerProcess.start(log, data);
        int port = server.port();
        try (Topics client = topics(port)) {
            Topic topic = client.topic("news", "oldest");
            BlockingQueue<Object> got = new LinkedBlockingQueue<>();
            topic.onMessage(message -> got.add(message.text()));
            topic.onGap(got::add);
            String first = get(client.publish("news", "one"));
            assertEquals("one", got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            server.kill();
            CompletableFuture<String> pending =
                    client.publish("news", Data.text("two"), key("two"));
            server = ServerProcess.startAt(port, log, data);
            String second = get(pending);
            assertEquals("two", got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            server.kill();
            server = ServerProcess.startAt(port, log);
            String third = get(client.publish("news", Data.text("three"), key("three")));
            TopicGap gap =
                    assertInstanceOf(TopicGap.class, got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertEquals(new TopicGap(second, third, "restart"), gap);
            assertEquals("three", got.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertNotEquals(first, third);
        } finally {
            server.close();
        }
    }

    @Test
    void aTokenThatEndsIsAskedForAgainAndOneWithoutTheScopeIsFinal() throws Exception {
        Path secret = folder.resolve("secret");
        Files.writeString(secret, SECRET, UTF_8);
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        String boss = mint(tokens, List.of(), List.of("prices.>"), 3600);
        Queue<String> given = new ArrayDeque<>();
        given.add(mint(tokens, List.of("prices.>"), List.of(), 3));
        given.add(mint(tokens, List.of("prices.>"), List.of(), 3600));
        CompletableFuture<Void> renewed = new CompletableFuture<>();
        TopicsOptions reader =
                TopicsOptions.DEFAULT.withToken(
                        () -> {
                            if (given.size() == 1) renewed.complete(null);
                            return given.remove();
                        });
        try (Serving serving = Serving.with("--secret-file=" + secret);
                Topics writer =
                        Peerline.topics(
                                url(serving.port()), TopicsOptions.DEFAULT.withToken(boss));
                Topics client = Peerline.topics(url(serving.port()), reader)) {
            Topic topic = client.topic("prices.eur", "oldest");
            Collector<TopicMessage> got = heard(topic);
            get(writer.publish("prices.eur", "one"));
            assertEquals("one", got.next().text());
            renewed.get(PATIENCE_SECONDS, TimeUnit.SECONDS); // the stream ended with the token
            get(writer.publish("prices.eur", "two"));
            assertEquals("two", got.next().text());
            Topic forbidden = writer.topic("prices.eur", "oldest");
            Collector<PeerlineException> errors = new Collector<>();
            forbidden.onError(errors);
            heard(forbidden);
            assertEquals("FORBIDDEN_SCOPE", errors.next().code());
            assertEquals("FORBIDDEN_SCOPE", code(client.publish("prices.eur", "x")));
        }
    }

    @Test
    void whoGivesTokensThatHaveEndedIsToldAndAskedAgainAfterAWait() throws Exception {
        Path secret = folder.resolve("secret");
        Files.writeString(secret, SECRET, UTF_8);
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        String old = mint(tokens, List.of("a"), List.of(), -60);
        String good = mint(tokens, List.of("a"), List.of("a"), 3600);
        AtomicInteger asked = new AtomicInteger();
        TopicsOptions careless =
                TopicsOptions.DEFAULT.withToken(() -> asked.incrementAndGet() > 6 ? good : old);
        try (Serving serving = Serving.with("--secret-file=" + secret);
                Topics client = Peerline.topics(url(serving.port()), careless)) {
            Topic topic = client.topic("a", "oldest");
            Collector<PeerlineException> errors = new Collector<>();
            topic.onError(errors);
            Collector<TopicMessage> got = heard(topic);
            // Two for each attempt; the first is followed at once, the next after a wait.
            assertEquals("TOKEN_EXPIRED", errors.next().code());
            assertTrue(errors.next().retriable());
            get(topic.publish("here"));
            assertEquals("here", got.next().text());
            assertTrue(errors.isEmpty());
        }
    }

    private static String mint(
            Tokens tokens, List<String> subscribe, List<String> publish, int seconds) {
        Instant end = Instant.now().plusSeconds(seconds);
        return tokens.mint(new Claims(null, null, subscribe, publish, end));
    }

    @Test
    void aSubscriberIsGivenWhatItAsksForAndTheRestStaysInTheLog() throws Exception {
        int count = 100;
        String large = "x".repeat(40_000);
        try (Serving serving = Serving.with();
                Topics client = topics(serving.port())) {
            List<CompletableFuture<String>> ids = new ArrayList<>();
            for (int i = 0; i < count; i++) ids.add(client.publish("flow", i + " " + large));
            for (CompletableFuture<String> id : ids) get(id);
            Topic topic = client.topic("flow", "oldest");
            OneByOne slow = new OneByOne();
            topic.messages().subscribe(slow);
            // 4 MB are there; one at a time is asked for.
            for (int i = 0; i < count; i++) {
                slow.subscribed.get(PATIENCE_SECONDS, TimeUnit.SECONDS).request(1);
                assertTrue(slow.got.next().text().startsWith(i + " "));
            }
            assertTrue(slow.got.isEmpty());
            topic.close();
            slow.completed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static final class OneByOne implements Flow.Subscriber<TopicMessage> {
        private final Collector<TopicMessage> got = new Collector<>();
        private final CompletableFuture<Void> completed = new CompletableFuture<>();
        private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();

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
            completed.completeExceptionally(problem);
        }

        @Override
        public void onComplete() {
            completed.complete(null);
        }
    }
}
