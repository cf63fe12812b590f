package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;

import dev.peerline.server.TopicTransport.Reading;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** One contract, and every transport keeps it. */
final class TopicTransportsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir private Path folder;

    private static String id(JsonObject message) {
        return message.get("id").getAsString();
    }

    @ParameterizedTest
    @EnumSource
    void everyMessageComesOnceAndInOrder(TopicTransport transport) throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0");
                Reading reading = transport.open(serving, "news", "0", null)) {
            for (int i = 0; i < 100; i++) TopicTransport.publish(serving.port(), "news", "m" + i);
            for (int i = 0; i < 100; i++) assertEquals("m" + i, reading.text());
            TopicTransport.publish(serving.port(), "news.other", "not for it");
            TopicTransport.publish(serving.port(), "news", "last");
            assertEquals("last", reading.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void readingGoesOnAfterEveryCursor(TopicTransport transport) throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0")) {
            int port = serving.port();
            List<String> ids = new ArrayList<>(List.of("0"));
            for (int i = 1; i <= 10; i++) {
                ids.add(TopicTransport.publish(port, "news", "m" + i));
                TopicTransport.publish(port, "news.between", "x");
            }
            for (int after = 0; after < 10; after++) {
                try (Reading reading = transport.open(serving, "news", ids.get(after), null)) {
                    for (int i = after + 1; i <= 10; i++) {
                        JsonObject message = reading.next();
                        assertEquals(ids.get(i), id(message));
                        assertEquals("m" + i, message.get("data").getAsString());
                    }
                }
            }
        }
    }

    @Test
    void whoIsCutOffGoesOnAnyOtherTransportWithNothingLostOrDoubled() throws Exception {
        long seed = System.nanoTime();
        System.out.println("TopicTransportsTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int messages = 400;
        try (Serving serving = Serving.with("--grpc-port=0")) {
            int port = serving.port();
            CompletableFuture<Void> publisher =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    for (int i = 0; i < messages; i++) {
                                        TopicTransport.publish(port, "a.b" + i % 2, "m" + i);
                                    }
                                } catch (IOException | InterruptedException problem) {
                                    throw new AssertionError(problem);
                                }
                            });
            String cursor = "0";
            for (int got = 0; got < messages; ) {
                TopicTransport[] all = TopicTransport.values();
                TopicTransport transport = all[random.nextInt(all.length)];
                int count = Math.min(1 + random.nextInt(40), messages - got);
                try (Reading reading = transport.open(serving, "a.>", cursor, null)) {
                    for (int i = 0; i < count; i++, got++) {
                        JsonObject message = reading.next();
                        assertEquals("m" + got, message.get("data").getAsString(), "seed " + seed);
                        assertEquals("a.b" + got % 2, message.get("topic").getAsString());
                        cursor = id(message);
                    }
                }
            }
            publisher.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsForgottenIsToldAndThenAllThatIsKeptComes(TopicTransport transport) throws Exception {
        try (Serving serving = Serving.with("--grpc-port=0", "--topic-messages=3")) {
            int port = serving.port();
            String first = TopicTransport.publish(port, "news", "m1");
            List<String> ids = new ArrayList<>();
            for (int i = 2; i <= 6; i++) ids.add(TopicTransport.publish(port, "news", "m" + i));
            try (Reading reading = transport.open(serving, "news", first, null)) {
                JsonObject gap = reading.next().getAsJsonObject("gap");
                assertEquals(first, gap.get("after").getAsString());
                assertEquals(ids.get(2), gap.get("oldest").getAsString());
                assertEquals("count", gap.get("reason").getAsString());
                for (int i = 4; i <= 6; i++) assertEquals("m" + i, reading.text());
            }
            try (Reading reading = transport.open(serving, "news", "123-7", null)) {
                JsonObject gap = reading.next().getAsJsonObject("gap");
                assertEquals("123-7", gap.get("after").getAsString());
                assertEquals("restart", gap.get("reason").getAsString());
                assertEquals("m4", reading.text());
            }
            // From the oldest that is kept nothing is missing.
            try (Reading reading = transport.open(serving, "news", "0", null)) {
                assertEquals("m4", reading.text());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPatternYieldsOnlyWhatTheTokenMayRead(TopicTransport transport) throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        Instant soon = Instant.now().plusSeconds(600);
        String token =
                tokens.mint(new Claims(null, null, List.of("a.x", "a.y.*"), List.of("a.>"), soon));
        try (Serving serving = Serving.with("--grpc-port=0", "--secret-file=" + secret)) {
            int port = serving.port();
            String[] may = {"Authorization", "Bearer " + token};
            try (Reading reading = transport.open(serving, "a.>", "0", token)) {
                TopicTransport.publish(port, "a.secret", "1", may);
                TopicTransport.publish(port, "a.x", "2", may);
                TopicTransport.publish(port, "a.y.z", "3", may);
                TopicTransport.publish(port, "a.y", "4", may);
                TopicTransport.publish(port, "a.x", "5", may);
                assertEquals("2", reading.text());
                assertEquals("3", reading.text());
                assertEquals("5", reading.text());
                assertTrue(reading.isEmpty());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void bodiesArriveAsTheyWere(TopicTransport transport) throws Exception {
        byte[] binary = new byte[64 * 1024];
        new SplittableRandom(1).nextBytes(binary);
        String text = "Grüße 🎉 \"\\\u0000\r\n\u2028".repeat(2_000);
        try (Serving serving = Serving.with("--grpc-port=0");
                HttpClient client = HttpClient.newHttpClient();
                Reading reading = transport.open(serving, "news", "0", null)) {
            var url = TopicTransport.topic(serving.port(), "news");
            var request = HttpRequest.newBuilder(url);
            request.header("Content-Type", "image/x");
            client.send(
                    request.POST(BodyPublishers.ofByteArray(binary)).build(),
                    BodyHandlers.discarding());
            TopicTransport.publish(serving.port(), "news", text);
            TopicTransport.publish(serving.port(), "news", "");
            JsonObject message = reading.next();
            assertEquals("base64", message.get("encoding").getAsString());
            assertEquals("image/x", message.get("type").getAsString());
            assertEquals(
                    Base64.getEncoder().encodeToString(binary), message.get("data").getAsString());
            message = reading.next();
            assertFalse(message.has("encoding"));
            assertEquals("text/plain", message.get("type").getAsString());
            assertEquals(text, message.get("data").getAsString());
            assertEquals("", reading.text());
        }
    }
}
