package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.PublishOptions;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.Topic;
import dev.peerline.sdk.TopicGap;
import dev.peerline.sdk.TopicMessage;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Topics over a session whose socket is stuck, whose token ends, whose server is started anew. */
@Execution(ExecutionMode.CONCURRENT)
final class SessionTopicsResilienceTest {
    private static final int PATIENCE_SECONDS = 120;
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final JoinOptions BY_SERVER = JoinOptions.named("Ada").withMaxDirect(0);

    @TempDir private Path folder;

    /** Messages and gaps, in the order in which they are told. */
    private static Collector<Object> heard(Topic topic) {
        Collector<Object> got = new Collector<>();
        topic.onMessage(message -> got.accept(message.text()));
        topic.onGap(got);
        return got;
    }

    private static void expect(Collector<Object> got, int from, int to) throws Exception {
        for (int i = from; i < to; i++) assertEquals("m" + i, got.next());
    }

    @Test
    void aSocketThatIsStuckIsLeftAndNothingIsMissedOrDoubled() throws Exception {
        try (Serving serving = Serving.with();
                TcpProxy proxy = new TcpProxy(serving.port());
                Room room = Peerline.join(proxy.url("stuck"), BY_SERVER)) {
            Topic topic = room.topic("stuck.a", "oldest");
            Collector<Object> got = heard(topic);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 100; i++) {
                    String number = "m" + (100 * round + i);
                    // Some of each round pass, and some are swallowed.
                    if (i == 30) proxy.silence();
                    TopicTransport.publish(serving.port(), "stuck.a", number);
                }
                expect(got, 100 * round, 100 * round + 100);
            }
            CompletableFuture<String> up = topic.publish("m300");
            expect(got, 300, 301);
            assertEquals(topic.cursor(), up.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(got.isEmpty());
        }
    }

    @Test
    void aServerThatIsStartedAnewGoesOnWhereItWasOrSaysWhatIsMissing() throws Exception {
        Path log = folder.resolve("log");
        String data = "--data=" + folder.resolve("data");
        ServerProcess server = ServerProcess.start(log, data);
        int port = server.port();
        try (Room room = Peerline.join(URI.create("http://127.0.0.1:" + port + "/r"), BY_SERVER)) {
            Topic topic = room.topic("news.a", "oldest");
            Collector<Object> got = heard(topic);
            for (int restart = 0; restart < 2; restart++) {
                List<CompletableFuture<String>> ids = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    String number = "m" + (60 * restart + i);
                    ids.add(topic.publish(Data.text(number), PublishOptions.withKey(number)));
                    if (i == 30) {
                        server.kill();
                        server = ServerProcess.startAt(port, log, data);
                    }
                }
                expect(got, 60 * restart, 60 * restart + 60);
                for (CompletableFuture<String> id : ids) id.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            server.kill();
            server = ServerProcess.startAt(port, log);
            topic.publish(Data.text("m120"), PublishOptions.withKey("m120"))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals("restart", assertInstanceOf(TopicGap.class, got.next()).reason());
            expect(got, 120, 121);
            assertTrue(got.isEmpty());
        } finally {
            server.close();
        }
    }

    private static String token(Tokens tokens, long seconds) {
        Instant end = Instant.now().plusSeconds(seconds);
        return tokens.mint(new Claims("r", null, List.of("a.>"), List.of("a.>"), end));
    }

    @Test
    void aTokenThatIsRenewedInterruptsNothingAndOneThatIsNotEndsTheTopicWithItsCode()
            throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        AtomicInteger asked = new AtomicInteger();
        JoinOptions renewing =
                BY_SERVER.withToken(
                        () -> {
                            asked.incrementAndGet();
                            return token(tokens, 5);
                        });
        try (Serving serving = Serving.with("--secret-file=" + secret)) {
            URI url = URI.create("http://127.0.0.1:" + serving.port() + "/r");
            try (Room room = Peerline.join(url, renewing);
                    Room ending = Peerline.join(url, BY_SERVER.withToken(token(tokens, 5)))) {
                Topic topic = room.topic("a.b", "oldest");
                Collector<Object> got = heard(topic);
                Topic ended = ending.topic("a.b", "oldest");
                Collector<PeerlineException> errors = new Collector<>();
                ended.onError(errors);
                Collector<TopicMessage> until = new Collector<>();
                ended.onMessage(until);
                int number = 0;
                while (asked.get() < 4) {
                    topic.publish("m" + number).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    expect(got, number, ++number);
                }
                topic.publish("m" + number).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                expect(got, number, number + 1);
                assertEquals("m0", until.next().text());
                assertEquals("TOKEN_EXPIRED", errors.next().code());
            }
        }
    }
}
