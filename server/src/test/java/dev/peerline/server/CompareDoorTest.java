package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.server.RawHttp.Answer;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** The page of the comparison, and what the server relays for it. */
class CompareDoorTest {
    private static final String SECRET = "compare-compare-compare-compare-1";

    /** Not closed by itself: that would wait for streams that have no end. */
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir Path folder;

    @AfterAll
    static void stop() {
        CLIENT.shutdownNow();
    }

    private static JsonObject lanes(Serving serving) throws IOException {
        Answer answer = RawHttp.get(serving.port(), "/v1/compare");
        assertEquals(200, answer.status());
        assertEquals("no-store", answer.header("Cache-Control"));
        return JsonParser.parseString(answer.text()).getAsJsonObject();
    }

    private static boolean ready(JsonObject lanes, String lane) {
        JsonObject said = lanes.getAsJsonObject(lane);
        boolean ready = said.get("ready").getAsBoolean();
        assertEquals(ready, !said.has("says"), said.toString());
        return ready;
    }

    private static HttpResponse<InputStream> relay(
            Serving serving, String query, @Nullable String token)
            throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:%d/v1/compare/%s".formatted(serving.port(), query));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (token != null) request.header("Authorization", "Bearer " + token);
        return CLIENT.send(request.build(), BodyHandlers.ofInputStream());
    }

    private static JsonObject next(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: "))
                return JsonParser.parseString(line.substring(6)).getAsJsonObject();
        }
        throw new AssertionError("the stream ended");
    }

    private static BufferedReader lines(HttpResponse<InputStream> answer) {
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    @Test
    void thePageIsThere() throws IOException {
        try (Serving serving = Serving.with("--no-relay")) {
            Answer page = RawHttp.get(serving.port(), "/compare");
            assertEquals(200, page.status());
            assertEquals("text/html; charset=utf-8", page.header("Content-Type"));
            String policy = String.valueOf(page.header("Content-Security-Policy"));
            assertTrue(policy.contains("script-src 'self'"), policy);
            Answer slashed = RawHttp.get(serving.port(), "/compare/");
            assertEquals("308 /compare", slashed.status() + " " + slashed.header("Location"));
        }
    }

    @Test
    void saysHowLongTheRequestWasThatAsks() throws IOException {
        try (Serving serving = Serving.with("--no-relay")) {
            String host = "Host: localhost:" + serving.port();
            String[] lines = {"X-Added: by a browser", host, "Connection: close"};
            String head =
                    "GET /v1/compare?a=b HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
            Answer answer = RawHttp.get(serving.port(), "/v1/compare?a=b", lines);
            JsonObject said = JsonParser.parseString(answer.text()).getAsJsonObject();
            assertEquals(head.length(), said.getAsJsonObject("request").get("bytes").getAsInt());
        }
    }

    @Test
    void saysWhichLanesThereAre() throws IOException {
        try (Serving serving = Serving.with("--no-relay")) {
            assertFalse(ready(lanes(serving), "grpc"));
            assertFalse(ready(lanes(serving), "queue"));
            assertFalse(ready(lanes(serving), "http2-push"));
            Answer answer = RawHttp.get(serving.port(), "/v1/compare/grpc?topic=a.b");
            assertEquals("404 NOT_FOUND", answer.status() + " " + answer.code());
        }
        try (Serving serving = Serving.with("--no-relay", "--grpc-port=0")) {
            assertTrue(ready(lanes(serving), "grpc"));
        }
    }

    private static void relaysWhatItMeasures(Serving serving, String lane) throws Exception {
        URI topic = URI.create("http://127.0.0.1:%d/v1/topics/a.b".formatted(serving.port()));
        HttpResponse<InputStream> answer = relay(serving, lane + "?topic=a.b&after=0", null);
        assertEquals(200, answer.statusCode());
        assertEquals("text/event-stream", answer.headers().firstValue("Content-Type").orElse(""));
        try (BufferedReader lines = lines(answer)) {
            long bytesBefore = 0;
            long upBefore = 0;
            for (String text : List.of("one", "Grüße \"2\"", "three")) {
                HttpRequest publish =
                        HttpRequest.newBuilder(topic)
                                .POST(HttpRequest.BodyPublishers.ofString(text))
                                .build();
                String id = CLIENT.send(publish, BodyHandlers.ofString()).body();
                JsonObject message = next(lines);
                assertEquals(text, message.get("data").getAsString());
                assertTrue(id.contains(message.get("id").getAsString()), id);
                double hopMs = message.get("hopMs").getAsDouble();
                assertTrue(hopMs >= 0 && hopMs < 60_000, message.toString());
                long bytes = message.get("wireBytes").getAsLong();
                assertTrue(bytes - bytesBefore > text.length(), message.toString());
                bytesBefore = bytes;
                // What a client of the JDK sends nobody sees.
                assertEquals(lane.equals("grpc"), message.has("upBytes"), message.toString());
                if (!message.has("upBytes")) continue;
                long up = message.get("upBytes").getAsLong();
                assertTrue(up > 0 && up >= upBefore, message.toString());
                upBefore = up;
            }
        }
        String cursor = "0";
        try (BufferedReader lines =
                lines(relay(serving, lane + "?topic=a.b&after=" + cursor, null))) {
            JsonObject old = next(lines);
            assertEquals("one", old.get("data").getAsString());
            assertFalse(old.has("hopMs"), "it was in the log before anybody looked");
            cursor = old.get("id").getAsString();
        }
        try (BufferedReader lines =
                lines(relay(serving, lane + "?topic=a.b&after=" + cursor, null))) {
            assertEquals("Grüße \"2\"", next(lines).get("data").getAsString());
        }
    }

    @Test
    void relaysMessagesWithWhatTheyTookFromTheLogToTheClient() throws Exception {
        try (Serving serving = Serving.with("--no-relay", "--grpc-port=0")) {
            relaysWhatItMeasures(serving, "grpc");
        }
    }

    @Test
    void relaysOverTlsFromItselfAndNobodyElse() throws Exception {
        try (Serving serving =
                Serving.with("--no-relay", "--grpc-port=0", "--tls-port=0", "--tls-self-signed")) {
            relaysWhatItMeasures(serving, "grpc");
        }
    }

    @Test
    void relaysWhatItsOwnClientOfHttp2IsPushed() throws Exception {
        try (Serving serving = Serving.with("--no-relay", "--tls-port=0", "--tls-self-signed")) {
            assertTrue(ready(lanes(serving), "http2-push"));
            relaysWhatItMeasures(serving, "http2-push");
        }
    }

    @Test
    void asksForTheSameTokenAsTheTopic() throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), SECRET);
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        Instant later = Instant.now().plusSeconds(600);
        String token = tokens.mint(new Claims(null, null, List.of("a.*"), List.of(), later));
        try (Serving serving =
                Serving.with("--no-relay", "--grpc-port=0", "--secret-file=" + file)) {
            assertEquals(401, relay(serving, "grpc?topic=a.b", null).statusCode());
            assertEquals(401, relay(serving, "grpc?topic=a.b", "none.of.ours").statusCode());
            assertEquals(403, relay(serving, "grpc?topic=b.b", token).statusCode());
            HttpResponse<InputStream> good = relay(serving, "grpc?topic=a.b", token);
            assertEquals(200, good.statusCode());
            good.body().close();
        }
    }

    @Test
    void refusesWhatIsNoTopicAndMoreStreamsThanAPageOrTwoNeed() throws Exception {
        try (Serving serving = Serving.with("--no-relay", "--grpc-port=0")) {
            assertEquals(400, relay(serving, "grpc?topic=no%20topic", null).statusCode());
            assertEquals(400, relay(serving, "grpc?topic=a.b&after=x", null).statusCode());
            for (int count = 0; count < 16; count++)
                assertEquals(200, relay(serving, "grpc?topic=a.b", null).statusCode());
            assertEquals(503, relay(serving, "grpc?topic=a.b", null).statusCode());
        }
    }
}
