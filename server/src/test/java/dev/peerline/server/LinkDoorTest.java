package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.server.LinkClient.Closed;
import dev.peerline.server.RawHttp.Answer;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The way into rooms: what a token opens, what a client is told, how it is sent away. */
final class LinkDoorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Tokens OURS =
            new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
    private static final Tokens OTHERS =
            new Tokens(List.of(Secret.of("x".repeat(32))), InstantSource.system());

    @TempDir static Path folder;

    private static Serving open;
    private static Serving closed;

    private LinkDoorTest() {}

    @BeforeAll
    static void start() throws IOException {
        Path turn = Files.writeString(folder.resolve("turn"), "turn-secret");
        open = Serving.with("--ice-server=turn:t.example,secret-file=" + turn);
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        closed = Serving.with("--secret-file=" + secret);
    }

    @AfterAll
    static void stop() {
        open.close();
        closed.close();
    }

    private static String token(Tokens by, String room, @Nullable String name, long seconds) {
        Instant expires = Instant.ofEpochSecond(Instant.now().getEpochSecond() + seconds);
        return by.mint(new Claims(room, name, List.of(), List.of(), expires));
    }

    private static @Nullable String token(String kind) {
        return switch (kind) {
            case "none" -> null;
            case "garbage" -> "garbage";
            case "other-secret" -> token(OTHERS, "lobby", null, 60);
            case "other-room" -> token(OURS, "lounge", null, 60);
            case "expired" -> token(OURS, "lobby", null, -1);
            case "any-room" -> token(OURS, "*", null, 60);
            default -> token(OURS, "lobby", "Token Name", 60);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "none,UNAUTHORIZED",
        "garbage,UNAUTHORIZED",
        "other-secret,UNAUTHORIZED",
        "other-room,UNAUTHORIZED",
        "expired,TOKEN_EXPIRED"
    })
    void withoutTheRightTokenTheDoorStaysShut(String kind, String code) throws Exception {
        try (LinkClient client = new LinkClient(closed.port())) {
            client.send(LinkClient.hello("lobby", "ada", token(kind)));
            Refusal refusal = client.next(Refusal.class);
            assertEquals(code, refusal.code());
            assertEquals(4401, client.next(Closed.class).code());
        }
    }

    @Test
    void theTokensNameBeatsTheClients() throws Exception {
        try (LinkClient client = new LinkClient(closed.port())) {
            client.send(LinkClient.hello("lobby", "ada", token("right")));
            Welcome welcome = client.next(Welcome.class);
            assertEquals("Token Name", welcome.name());
            long left = welcome.expiresAtMillis() - System.currentTimeMillis();
            assertTrue(left > 50_000 && left <= 60_000, left + " ms");
        }
        try (LinkClient client = new LinkClient(closed.port())) {
            client.send(LinkClient.hello("lounge", "bob", token("any-room")));
            assertEquals("bob", client.next(Welcome.class).name());
        }
    }

    @Test
    void aReservedNameIsNoRoom() throws Exception {
        try (LinkClient client = new LinkClient(open.port())) {
            client.send(LinkClient.hello("metrics", "ada", null));
            assertEquals("BAD_HELLO", client.next(Refusal.class).code());
        }
    }

    @Test
    void iceServersInTheWelcomeAreForThePeer() throws Exception {
        Hello hello = LinkClient.hello("lobby", "ada", null);
        String id = hello.id().toString();
        try (LinkClient client = new LinkClient(open.port())) {
            client.send(hello);
            String json = String.valueOf(client.next(Welcome.class).iceServers());
            assertTrue(json.contains(":" + id + "\""), json);
        }
        String header =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(LinkClient.packet(hello).toArray());
        Answer same = RawHttp.get(open.port(), "/v1/ice-servers", "Peerline-Hello: " + header);
        assertTrue(same.text().contains(":" + id + "\""), same.text());
        for (String bad : List.of("", "*", "AAAA", "_w")) {
            Answer answer = RawHttp.get(open.port(), "/v1/ice-servers", "Peerline-Hello: " + bad);
            assertEquals(200, answer.status(), bad);
            assertFalse(answer.text().contains(id), bad);
        }
    }

    @Test
    void whoSaysNoHelloIsToldSoInAPacket() throws IOException {
        Answer answer = RawHttp.get(open.port(), "/v1/link");
        assertEquals(400, answer.status());
        assertEquals("application/vnd.peerline.packet", answer.header("Content-Type"));
        assertEquals("no-store, no-transform", answer.header("Cache-Control"));
        assertTrue(answer.text().contains("BAD_HELLO"), answer.text());
        Answer other = RawHttp.send(open.port(), "PUT", "/v1/link");
        assertEquals(405, other.status());
        assertEquals("GET, POST", other.header("Allow"));
    }

    @Test
    void aServerThatGoesDownTellsItsReaders() throws Exception {
        try (Serving serving = Serving.with();
                LinkClient client = new LinkClient(serving.port())) {
            client.send(LinkClient.hello("lobby", "ada", null));
            client.next(Welcome.class);
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    serving.server().drain();
                                } catch (InterruptedException problem) {
                                    throw new AssertionError(problem);
                                }
                            });
            client.next(DownFrame.Move.class);
            assertEquals(4001, client.next(Closed.class).code());
            drained.join();
        }
    }
}
