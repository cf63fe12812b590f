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
import dev.peerline.server.token.Verdict;

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
import java.util.List;

/** Doors that need a token, and the one that gives some away. */
final class TokenDoorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final Tokens TOKENS =
            new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());

    @TempDir static Path folder;

    private static Serving serving;

    private TokenDoorTest() {}

    @BeforeAll
    static void start() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        serving =
                Serving.with(
                        "--public",
                        "--open-demo",
                        "--demo-tokens-per-hour=3",
                        "--hostname=demo.example",
                        "--trusted-proxy=127.0.0.0/8",
                        "--secret-file=" + secret,
                        "--ice-server=turn:t.example,user=u,password=p");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static String token(String room, Duration life) {
        Instant expires = Instant.now().plus(life);
        return TOKENS.mint(new Claims(room, null, List.of(), List.of(), expires));
    }

    private static Answer ice(String... headers) throws IOException {
        return RawHttp.get(serving.port(), "/v1/ice-servers", headers);
    }

    @Test
    void iceServersAreForHoldersOfATokenForARoom() throws IOException {
        Answer good = ice("Authorization: bearer  " + token("lobby", Duration.ofHours(1)));
        assertEquals(200, good.status());
        assertEquals("no-store", good.header("Cache-Control"));
        assertTrue(good.text().contains("\"credential\":\"p\""));

        Answer none = ice();
        assertEquals("401 UNAUTHORIZED", none.status() + " " + none.code());
        assertEquals("Bearer", none.header("WWW-Authenticate"));
        assertFalse(none.text().contains("credential"));

        Answer basic = ice("Authorization: Basic dTpw");
        assertEquals("401 UNAUTHORIZED", basic.status() + " " + basic.code());

        Answer old = ice("Authorization: Bearer " + token("lobby", Duration.ofSeconds(-1)));
        assertEquals("401 TOKEN_EXPIRED", old.status() + " " + old.code());
        assertEquals("Bearer error=\"invalid_token\"", old.header("WWW-Authenticate"));

        Answer query =
                RawHttp.get(
                        serving.port(),
                        "/v1/ice-servers?token=" + token("lobby", Duration.ofHours(1)));
        assertEquals(401, query.status());
    }

    @Test
    void aTokenForTopicsAloneDoesNotOpenRooms() throws IOException {
        Instant expires = Instant.now().plusSeconds(60);
        String topics = TOKENS.mint(new Claims(null, null, List.of("a"), List.of("a"), expires));
        Answer answer = ice("Authorization: Bearer " + topics);
        assertEquals("403 FORBIDDEN_SCOPE", answer.status() + " " + answer.code());
    }

    @Test
    void anExpiredTokenIsNotRepeatedInTheAnswer() throws IOException {
        String token = token("lobby", Duration.ofSeconds(-5));
        assertFalse(ice("Authorization: Bearer " + token).text().contains(token.substring(40)));
    }

    private static Answer demo(String origin, String client) throws IOException {
        return RawHttp.send(
                serving.port(),
                "POST",
                "/v1/demo-token",
                "Host: demo.example",
                "Origin: " + origin,
                "Content-Length: 0",
                "X-Forwarded-Proto: https",
                "X-Forwarded-For: " + client);
    }

    @Test
    void theOwnPageGetsAnHourInARoomOfItsOwn() throws IOException {
        Answer answer = demo("https://demo.example", "203.0.113.1");
        assertEquals(201, answer.status());
        JsonObject body = JsonParser.parseString(answer.text()).getAsJsonObject();
        String room = body.get("room").getAsString();
        Verdict verdict = TOKENS.verify(body.get("token").getAsString());
        Claims claims = ((Verdict.Accepted) verdict).claims();
        assertEquals(room, claims.room());
        assertTrue(room.matches("demo-[A-Za-z0-9_-]{16}"));
        assertEquals(claims.expires().toEpochMilli(), body.get("expires").getAsLong());
        assertTrue(claims.expires().isBefore(Instant.now().plusSeconds(3601)));
        assertEquals(200, ice("Authorization: Bearer " + body.get("token").getAsString()).status());
    }

    @Test
    void otherPagesAndProgramsGetNone() throws IOException {
        for (String origin :
                List.of(
                        "https://evil.example",
                        "http://demo.example",
                        "null",
                        "https://demo.example:1"))
            assertEquals("FORBIDDEN_ORIGIN", demo(origin, "203.0.113.2").code(), origin);
        Answer program =
                RawHttp.send(
                        serving.port(),
                        "POST",
                        "/v1/demo-token",
                        "Host: demo.example",
                        "Content-Length: 0");
        assertEquals("FORBIDDEN_ORIGIN", program.code());
    }

    /** Rebinding: the page is the attacker's, and so is the name that it uses for this server. */
    @Test
    void aPageUnderAnotherNameForThisServerGetsNone() throws IOException {
        Answer answer =
                RawHttp.send(
                        serving.port(),
                        "POST",
                        "/v1/demo-token",
                        "Host: evil.example",
                        "Origin: http://evil.example",
                        "Content-Length: 0");
        assertEquals("403 FORBIDDEN_ORIGIN", answer.status() + " " + answer.code());
    }

    @Test
    void oneAddressGetsAFewAnHour() throws IOException {
        for (int count = 0; count < 3; count++)
            assertEquals(201, demo("https://demo.example", "203.0.113.3").status());
        Answer answer = demo("https://demo.example", "203.0.113.3");
        assertEquals("429 RATE_LIMITED", answer.status() + " " + answer.code());
        assertTrue(Integer.parseInt(String.valueOf(answer.header("Retry-After"))) >= 1000);
        assertEquals(201, demo("https://demo.example", "203.0.113.4").status());
    }

    @Test
    void preflightsAllowTheHeadersThatTheProtocolNeeds() throws IOException {
        Answer answer =
                RawHttp.send(
                        serving.port(),
                        "OPTIONS",
                        "/v1/ice-servers",
                        "Origin: https://app.example",
                        "Access-Control-Request-Method: GET",
                        "Access-Control-Request-Headers: authorization");
        assertEquals(204, answer.status());
        assertEquals("https://app.example", answer.header("Access-Control-Allow-Origin"));
        String headers = String.valueOf(answer.header("Access-Control-Allow-Headers"));
        for (String needed :
                List.of(
                        "Authorization",
                        "Content-Type",
                        "Idempotency-Key",
                        "Last-Event-ID",
                        "Peerline-Hello")) assertTrue(headers.contains(needed), needed);
        assertEquals("Origin", answer.header("Vary"));
    }
}
