package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.server.RawHttp.Answer;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the door of topics answers, and to whom it opens. */
final class TopicDoorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Tokens TOKENS =
            new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
    private static final String HANDSHAKE =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    @TempDir static Path folder;

    private static Serving open;
    private static Serving shut;

    private TopicDoorTest() {}

    @BeforeAll
    static void start() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        open = Serving.with("--allow-origin=https://app.example");
        shut =
                Serving.with(
                        "--public",
                        "--secret-file=" + secret,
                        "--open-topics=free.>",
                        "--publishes-per-second=2",
                        "--topic-readers-per-address=3");
    }

    @AfterAll
    static void stop() {
        open.close();
        shut.close();
    }

    private static String bearer(String subscribe, String publish, Duration life) {
        Claims claims =
                new Claims(
                        null,
                        null,
                        subscribe.isEmpty() ? List.of() : List.of(subscribe),
                        publish.isEmpty() ? List.of() : List.of(publish),
                        Instant.now().plus(life));
        return "Authorization: Bearer " + TOKENS.mint(claims);
    }

    private static String bearer(String subscribe, String publish) {
        return bearer(subscribe, publish, Duration.ofHours(1));
    }

    private static Answer get(Serving serving, String path, String... headers) throws IOException {
        return RawHttp.get(serving.port(), "/v1/topics/" + path, headers);
    }

    private static Answer post(Serving serving, String path, String body, String... headers)
            throws IOException {
        List<String> all = withBody(serving, body, headers);
        return RawHttp.send(
                serving.port(), "POST", "/v1/topics/" + path, all.toArray(String[]::new));
    }

    /** The body goes with the last of the headers: RawHttp sends none. */
    private static List<String> withBody(Serving serving, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Host: localhost:" + serving.port());
        all.add("Connection: close");
        all.add("Content-Length: " + body.length() + "\r\n\r\n" + body);
        return all;
    }

    private static String id(Answer answer) {
        assertEquals(201, answer.status(), answer.text());
        return JsonParser.parseString(answer.text()).getAsJsonObject().get("id").getAsString();
    }

    private static String refusal(Answer answer) {
        assertEquals("no-store", answer.header("Cache-Control"));
        return answer.status() + " " + answer.code();
    }

    private static JsonObject page(Answer answer) {
        assertEquals(200, answer.status(), answer.text());
        assertEquals("application/json", answer.header("Content-Type"));
        assertEquals("no-store", answer.header("Cache-Control"));
        return JsonParser.parseString(answer.text()).getAsJsonObject();
    }

    @Test
    void anUnusedTopicIsEmptyAndItsCursorIsGoodLater() throws IOException {
        JsonObject page = page(get(open, "unused"));
        assertTrue(page.getAsJsonArray("messages").isEmpty());
        assertFalse(page.has("gap"));
        String next = page.get("next").getAsString();
        id(post(open, "unused", "x"));
        JsonObject later = page(get(open, "unused?after=" + next));
        assertEquals(1, later.getAsJsonArray("messages").size());
        assertFalse(later.has("gap"));
    }

    @Test
    void pagesHaveTheLimitThatWasAskedForAndNowIsTheDefault() throws IOException {
        for (int i = 0; i < 5; i++) id(post(open, "paged", "m" + i));
        JsonObject first = page(get(open, "paged?after=0&limit=2"));
        assertEquals(2, first.getAsJsonArray("messages").size());
        String next = first.get("next").getAsString();
        JsonObject rest = page(get(open, "paged?after=" + next));
        assertEquals(3, rest.getAsJsonArray("messages").size());
        assertTrue(page(get(open, "paged")).getAsJsonArray("messages").isEmpty());
    }

    @Test
    void aLongPollIsAnsweredWhenItsTimeIsOver() throws IOException {
        JsonObject page = page(get(open, "quiet?wait=1"));
        assertTrue(page.getAsJsonArray("messages").isEmpty());
    }

    @Test
    void badRequestsSaySo() throws IOException {
        assertEquals("400 BAD_TOPIC", refusal(get(open, "a..b")));
        assertEquals("400 BAD_TOPIC", refusal(get(open, "")));
        assertEquals("400 BAD_TOPIC", refusal(post(open, "a.*", "x")));
        assertEquals("400 BAD_TOPIC", refusal(post(open, "a.%3E", "x")));
        assertEquals("400 BAD_CURSOR", refusal(get(open, "a?after=yesterday")));
        assertEquals("400 BAD_REQUEST", refusal(get(open, "a?wait=long")));
        assertEquals("400 BAD_REQUEST", refusal(get(open, "a?limit=0")));
        assertEquals("400 BAD_REQUEST", refusal(post(open, "a", "x", "Idempotency-Key: a b")));
        assertEquals(
                "415 UNSUPPORTED_ENCODING",
                refusal(post(open, "a", "x", "Content-Encoding: gzip")));
        assertEquals("413 MESSAGE_TOO_LARGE", refusal(post(open, "a", "x".repeat(65_537))));
        Answer put = RawHttp.send(open.port(), "PUT", "/v1/topics/a", "Content-Length: 0");
        assertEquals("405 METHOD_NOT_ALLOWED", refusal(put));
        assertEquals("GET, POST", put.header("Allow"));
        assertEquals("400 BAD_REQUEST", refusal(get(open, "a", "Upgrade: websocket")));
    }

    @Test
    void aRetryWithItsKeyIsTheSameMessage() throws IOException {
        String id = id(post(open, "orders", "1", "Idempotency-Key: k-1"));
        assertEquals(id, id(post(open, "orders", "1", "Idempotency-Key: k-1")));
        assertNotEquals(id, id(post(open, "orders", "1", "Idempotency-Key: k-2")));
        assertEquals(2, page(get(open, "orders?after=0")).getAsJsonArray("messages").size());
    }

    @Test
    void pagesElsewhereMayUseItWhereTheyAreAllowed() throws IOException {
        Answer answer = get(open, "a", "Origin: https://app.example");
        assertEquals("https://app.example", answer.header("Access-Control-Allow-Origin"));
        assertEquals("403 FORBIDDEN_ORIGIN", refusal(get(open, "a", "Origin: https://x.example")));
        Answer preflight =
                RawHttp.send(
                        open.port(),
                        "OPTIONS",
                        "/v1/topics/a",
                        "Origin: https://app.example",
                        "Access-Control-Request-Method: POST",
                        "Access-Control-Request-Headers: idempotency-key");
        assertEquals(204, preflight.status());
        assertTrue(
                String.valueOf(preflight.header("Access-Control-Allow-Headers"))
                        .contains("Idempotency-Key"));
    }

    @Test
    void readingAndPublishingEachNeedTheirScope() throws IOException {
        assertEquals("401 UNAUTHORIZED", refusal(get(shut, "a")));
        assertEquals("401 UNAUTHORIZED", refusal(post(shut, "a", "x")));
        String reader = bearer("a.>", "");
        String writer = bearer("", "a.x");
        id(post(shut, "a.x", "x", writer));
        assertEquals("403 FORBIDDEN_SCOPE", refusal(post(shut, "a.y", "x", writer)));
        assertEquals("403 FORBIDDEN_SCOPE", refusal(post(shut, "a.x", "x", reader)));
        assertEquals("403 FORBIDDEN_SCOPE", refusal(get(shut, "a.x", writer)));
        assertEquals("403 FORBIDDEN_SCOPE", refusal(get(shut, "b", reader)));
        page(get(shut, "a.x?after=0", reader));
        Answer old = get(shut, "a.x", bearer("a.>", "", Duration.ofSeconds(-1)));
        assertEquals("401 TOKEN_EXPIRED", refusal(old));
        assertNotNull(old.header("WWW-Authenticate"));
        assertEquals(
                "401 UNAUTHORIZED", refusal(get(shut, "a.x", "Authorization: Bearer nonsense")));
    }

    @Test
    void openTopicsAreReadByAnybodyAndWrittenByNobodyElse() throws IOException {
        page(get(shut, "free.news?after=0"));
        page(get(shut, "free.%3E"));
        assertEquals("401 UNAUTHORIZED", refusal(post(shut, "free.news", "x")));
        // A token adds to what is open.
        page(get(shut, "free.news", bearer("a.>", "")));
    }

    private static Answer ticket(String resource, String... headers) throws IOException {
        String body = "{\"resource\":\"" + resource + "\"}";
        List<String> all = withBody(shut, body, headers);
        return RawHttp.send(shut.port(), "POST", "/v1/tickets", all.toArray(String[]::new));
    }

    @Test
    void aTicketReadsItsTopicAndNothingElse() throws IOException {
        Answer answer = ticket("/v1/topics/a.x", bearer("a.>", "a.>"));
        assertEquals(201, answer.status(), answer.text());
        String ticket =
                JsonParser.parseString(answer.text()).getAsJsonObject().get("ticket").getAsString();
        page(get(shut, "a.x?ticket=" + ticket));
        page(get(shut, "a.x?ticket=" + ticket));
        assertEquals("401 UNAUTHORIZED", refusal(get(shut, "a.y?ticket=" + ticket)));
        assertEquals("401 UNAUTHORIZED", refusal(post(shut, "a.x?ticket=" + ticket, "x")));
        Answer stranger = ticket("/v1/topics/a.x", bearer("b", ""));
        ticket =
                JsonParser.parseString(stranger.text())
                        .getAsJsonObject()
                        .get("ticket")
                        .getAsString();
        assertEquals("403 FORBIDDEN_SCOPE", refusal(get(shut, "a.x?ticket=" + ticket)));
        assertEquals(400, ticket("/v1/topics/a..x").status());
        String pattern =
                JsonParser.parseString(ticket("/v1/topics/a.%3E", bearer("a.>", "")).text())
                        .getAsJsonObject()
                        .get("ticket")
                        .getAsString();
        page(get(shut, "a.%3E?ticket=" + pattern));
    }

    private static Socket begin(Serving serving, String path, String headers) throws IOException {
        Socket socket = RawHttp.open(InetAddress.ofLiteral("127.0.0.1"), serving.port());
        String head =
                "GET /v1/topics/%s HTTP/1.1\r\nHost: localhost:%d\r\n%s\r\n\r\n"
                        .formatted(path, serving.port(), headers);
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        return socket;
    }

    @Test
    void streamsEndWithTheToken() throws IOException {
        String stream =
                bearer("a", "", Duration.ofSeconds(3))
                        + "\r\nAccept: text/event-stream\r\nConnection: close";
        try (Socket socket = begin(shut, "a", stream)) {
            String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            assertTrue(all.startsWith("HTTP/1.1 200"), all);
            assertTrue(all.contains("event: problem\ndata: {"), all);
            assertTrue(all.contains("TOKEN_EXPIRED"), all);
            assertFalse(all.contains("\nid:"), "only messages have ids");
        }
        String upgrade = bearer("a", "", Duration.ofSeconds(3)) + "\r\n" + HANDSHAKE;
        try (Socket socket = begin(shut, "a", upgrade)) {
            byte[] all = socket.getInputStream().readNBytes(1_000_000);
            String text = new String(all, ISO_8859_1);
            assertTrue(text.startsWith("HTTP/1.1 101"), text);
            assertTrue(text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), text);
            // 0x88, 15 bytes, 4401.
            assertTrue(text.endsWith("\u0088\u000f\u00111TOKEN_EXPIRED"), text);
        }
    }

    @Test
    void oneAddressHasOnlySoManyReadersAndMayPublishOnlySoMuch() throws IOException {
        List<Socket> readers = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                Socket socket = begin(shut, "free.a", "Accept: text/event-stream");
                readers.add(socket);
                assertNotNull(reader(socket).readLine());
            }
            Answer fourth = get(shut, "free.a", "Accept: text/event-stream");
            assertEquals("429 TOO_MANY_READERS", refusal(fourth));
            assertNotNull(fourth.header("Retry-After"));
        } finally {
            for (Socket socket : readers) socket.close();
        }
        String writer = bearer("", "b");
        Answer last = post(shut, "b", "x", writer);
        for (int i = 0; last.status() == 201 && i < 1_000; i++) last = post(shut, "b", "x", writer);
        assertEquals("429 RATE_LIMITED", refusal(last));
        // Another token has its own.
        id(post(shut, "b", "x", bearer("b", "b")));
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    @Test
    void metricsCountWithoutNamingTopics() throws IOException {
        id(post(open, "a-topic-of-mine", "x"));
        String text = RawHttp.get(open.port(), "/metrics").text();
        assertTrue(text.contains("peerline_topic_published_total"), text);
        assertTrue(text.contains("peerline_topic_refused_total{code=\"BAD_TOPIC\"}"), text);
        assertTrue(text.contains("peerline_http_requests_total{route=\"topics\",status=\"2xx\"}"));
        assertFalse(text.contains("a-topic-of-mine"));
    }

    private record Run(int exit, String out, String err) {}

    private static Run push(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("push"));
        all.addAll(List.of(args));
        int exit =
                Main.run(
                        Map.of(),
                        new PrintWriter(out),
                        new PrintWriter(err),
                        all.toArray(String[]::new));
        return new Run(exit, out.toString().strip(), err.toString().strip());
    }

    @Test
    void pushPublishesAndPrintsTheId() throws IOException {
        String server = "--server=http://127.0.0.1:" + open.port() + "/";
        Run run = push("pushed.here", "Grüße", server);
        assertEquals(0, run.exit(), run.err());
        JsonObject message =
                page(get(open, "pushed.here?after=0"))
                        .getAsJsonArray("messages")
                        .get(0)
                        .getAsJsonObject();
        assertEquals(run.out(), message.get("id").getAsString());
        assertEquals("text/plain; charset=utf-8", message.get("type").getAsString());

        Run bad = push("pushed.*", "x", server);
        assertEquals(2, bad.exit());
        assertTrue(bad.err().contains("is no topic"), bad.err());
        Run refused = push("a", "x", "--server=http://127.0.0.1:" + shut.port());
        assertEquals(1, refused.exit());
        assertTrue(
                refused.err().contains("UNAUTHORIZED: Publishing needs a token."), refused.err());
        Run nobody = push("a", "x", "--server=http://127.0.0.1:1");
        assertEquals(1, nobody.exit());
        assertTrue(nobody.err().contains("--server"), nobody.err());
        assertNull(nobody.out().isEmpty() ? null : nobody.out());
        String token = bearer("", "a").substring("Authorization: Bearer ".length());
        Run allowed = push("a", "x", "--server=http://127.0.0.1:" + shut.port(), "--token", token);
        assertEquals(0, allowed.exit(), allowed.err());
    }
}
