package dev.peerline.server.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Which tokens are good; the bad ones are put together by hand, as an attacker would. */
final class TokensTest {
    private static final Instant NOW = Instant.parse("2025-06-01T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";
    private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private final Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), CLOCK);

    @Test
    void whatIsMintedIsAccepted() {
        Claims claims =
                new Claims("lobby", "Ada", List.of("news.>"), List.of("a.*"), NOW.plusSeconds(60));
        Verdict verdict = tokens.verify(tokens.mint(claims));
        assertEquals(new Verdict.Accepted(claims), verdict);
    }

    @Test
    void aTokenOfAnotherLibraryNeedsNoKid() {
        assertAccepted(signed(HEADER, good(60)));
    }

    @ParameterizedTest
    @CsvSource({"1,true", "0,false", "-1,false", "-3600,false"})
    void expHasNoLeeway(long secondsLeft, boolean good) {
        String token = signed(HEADER, good(secondsLeft));
        if (good) assertAccepted(token);
        else assertEquals("TOKEN_EXPIRED", refusal(token).code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"none\"}",
                "{\"alg\":\"None\"}",
                "{\"alg\":\"HS512\"}",
                "{\"alg\":\"hs256\"}",
                "{\"alg\":\"RS256\"}",
                "{\"alg\":\"ES256\"}",
                "{\"typ\":\"JWT\"}",
                "{\"alg\":\"HS256\",\"kid\":\"unknown\"}",
                "{\"alg\":\"HS256\",\"kid\":\"\"}",
                "{\"alg\":\"HS256\",\"kid\":7}",
                "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
                "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
                "[]",
                "not json"
            })
    void headersThatAskForSomethingElseAreRefused(String header) {
        assertEquals("UNAUTHORIZED", refusal(signed(header, good(60))).code());
    }

    @Test
    void anUnsignedTokenIsRefused() {
        String bare = base64("{\"alg\":\"none\"}") + "." + base64(good(60)) + ".";
        assertEquals("UNAUTHORIZED", refusal(bare).code());
        assertEquals("UNAUTHORIZED", refusal(base64(HEADER) + "." + base64(good(60)) + ".").code());
    }

    @Test
    void aTokenSignedWithAnRsaKeyIsRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        String content = base64("{\"alg\":\"RS256\"}") + "." + base64(good(60));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(content.getBytes(UTF_8));
        String token = content + "." + base64(signature.sign());
        assertEquals("UNAUTHORIZED", refusal(token).code());
    }

    @Test
    void aKidOfASecretThatDidNotSignIsRefused() {
        Tokens both = new Tokens(List.of(Secret.of(SECRET), Secret.of(OTHER)), CLOCK);
        String kid = Secret.of(OTHER).keyId();
        String token = signed("{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}", good(60));
        assertInstanceOf(Verdict.Refused.class, both.verify(token));
    }

    @Test
    void rotationSignsWithTheFirstAndVerifiesWithAll() {
        Tokens before = new Tokens(List.of(Secret.of(SECRET)), CLOCK);
        Tokens during = new Tokens(List.of(Secret.of(OTHER), Secret.of(SECRET)), CLOCK);
        Tokens after = new Tokens(List.of(Secret.of(OTHER)), CLOCK);
        Claims claims = new Claims("lobby", null, List.of(), List.of(), NOW.plusSeconds(60));
        String old = before.mint(claims);
        String fresh = during.mint(claims);
        assertInstanceOf(Verdict.Accepted.class, during.verify(old));
        assertInstanceOf(Verdict.Accepted.class, during.verify(fresh));
        assertInstanceOf(Verdict.Accepted.class, after.verify(fresh));
        assertInstanceOf(Verdict.Refused.class, after.verify(old));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"room\":\"lobby\"}",
                "{\"room\":\"lobby\",\"exp\":\"tomorrow\"}",
                "{\"room\":\"a b\",\"exp\":%d}",
                "{\"room\":\"metrics\",\"exp\":%d}",
                "{\"room\":7,\"exp\":%d}",
                "{\"room\":[\"lobby\"],\"exp\":%d}",
                "{\"room\":\"lobby\",\"name\":{},\"exp\":%d}",
                "{\"room\":\"lobby\",\"subscribe\":\"news\",\"exp\":%d}",
                "{\"room\":\"lobby\",\"subscribe\":[1],\"exp\":%d}",
                "{\"room\":\"lobby\",\"subscribe\":[null],\"exp\":%d}",
                "{\"room\":\"lobby\",\"publish\":[\">\"],\"exp\":%d}",
                "{\"room\":\"lobby\",\"nbf\":4102444800,\"exp\":4102448400}",
                "[1]",
                "hello"
            })
    void claimsThatMakeNoSenseAreRefused(String claims) {
        String payload = claims.replace("%d", String.valueOf(NOW.getEpochSecond() + 60));
        assertEquals("UNAUTHORIZED", refusal(signed(HEADER, payload)).code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a.b.c", "a.b.c.d", "a.b.c.d.e", "Bearer x", "\u0000"})
    void garbageIsRefused(String token) {
        assertEquals("UNAUTHORIZED", refusal(token).code());
    }

    @Test
    void whatIsTooLongIsRefusedUnread() {
        String name = "x".repeat(Tokens.MAX_LENGTH);
        String token = signed(HEADER, "{\"name\":\"" + name + "\"}");
        assertTrue(refusal(token).message().contains("too long"));
    }

    @Test
    void oneChangedBitIsRefused() {
        String token = signed(HEADER, good(60));
        String[] parts = token.split("\\.", -1);
        byte[] signature = Base64.getUrlDecoder().decode(parts[2]);
        signature[7] ^= 1;
        refusal(parts[0] + "." + parts[1] + "." + base64(signature));
        refusal(parts[0] + "." + base64(good(61)) + "." + parts[2]);
    }

    @ParameterizedTest
    @CsvSource({"lobby,lobby,true", "lobby,lobby2,false", "*,lobby,true", "lobby,*,false"})
    void aRoomIsThatRoomAlone(String claim, String room, boolean joins) {
        Claims claims = new Claims(claim, null, List.of(), List.of(), NOW);
        assertEquals(joins, claims.joins(room));
    }

    @Test
    void aTokenWithoutARoomJoinsNone() {
        assertFalse(new Claims(null, null, List.of("a"), List.of(), NOW).joins("lobby"));
    }

    private static String good(long secondsLeft) {
        return "{\"room\":\"lobby\",\"exp\":%d}".formatted(NOW.getEpochSecond() + secondsLeft);
    }

    private void assertAccepted(String token) {
        assertInstanceOf(Verdict.Accepted.class, tokens.verify(token));
    }

    private Verdict.Refused refusal(String token) {
        return assertInstanceOf(Verdict.Refused.class, tokens.verify(token));
    }

    /** Signed with the right secret, whatever the header says. */
    private static String signed(String header, String payload) {
        String content = base64(header) + "." + base64(payload);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
            return content + "." + base64(mac.doFinal(content.getBytes(UTF_8)));
        } catch (java.security.GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String base64(String text) {
        return base64(text.getBytes(UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
