package dev.peerline.server.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;

import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Mints and verifies tokens: JWT (RFC 7519) signed with HS256 and nothing else, ending at {@code
 * exp} without leeway. Immutable, for any thread.
 */
public final class Tokens {
    /** Longer ones are refused unread. */
    public static final int MAX_LENGTH = 4096;

    private static final int MAX_PATTERNS = 64;

    private final List<Secret> secrets;
    private static final int KEY_BYTES = 32;

    private final InstantSource clock;

    /**
     * @param secrets the first signs, all verify
     */
    public Tokens(List<Secret> secrets, InstantSource clock) {
        if (secrets.isEmpty()) throw new IllegalArgumentException("secrets must not be empty");
        this.secrets = List.copyOf(secrets);
        this.clock = clock;
    }

    /**
     * Keys for another purpose, one of each secret (HKDF, RFC 5869): nobody finds a secret from
     * them.
     *
     * @param purpose tells several of them apart
     */
    public List<SecretKey> keys(String purpose) {
        byte[] info = purpose.getBytes(StandardCharsets.UTF_8);
        return secrets.stream().map(secret -> key(secret, info)).toList();
    }

    private static SecretKey key(Secret secret, byte[] info) {
        try {
            HKDFParameterSpec parameters =
                    HKDFParameterSpec.ofExtract()
                            .addIKM(secret.bytes())
                            .thenExpand(info, KEY_BYTES);
            return KDF.getInstance("HKDF-SHA256").deriveKey("AES", parameters);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A token for what is granted. */
    @SuppressWarnings("JavaUtilDate") // the library's
    public String mint(Claims claims) {
        Secret secret = secrets.getFirst();
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(JOSEObjectType.JWT)
                        .keyID(secret.keyId())
                        .build();
        JWTClaimsSet.Builder set =
                new JWTClaimsSet.Builder()
                        .issueTime(Date.from(clock.instant()))
                        .expirationTime(Date.from(claims.expires()));
        if (claims.room() != null) set.claim("room", claims.room());
        if (claims.name() != null) set.claim("name", claims.name());
        if (!claims.subscribe().isEmpty()) set.claim("subscribe", claims.subscribe());
        if (!claims.publish().isEmpty()) set.claim("publish", claims.publish());
        SignedJWT token = new SignedJWT(header, set.build());
        try {
            token.sign(new MACSigner(secret.bytes()));
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
        return token.serialize();
    }

    /** What the token allows, or why it is worth nothing. */
    public Verdict verify(String token) {
        if (token.length() > MAX_LENGTH) return refused("the token is too long");
        try {
            SignedJWT parsed = SignedJWT.parse(token);
            String flaw = flaw(parsed);
            return flaw == null ? judge(parsed.getJWTClaimsSet()) : refused(flaw);
        } catch (ParseException | JOSEException _) {
            return refused("the token is not a signed JWT of this server");
        }
    }

    private static Verdict refused(String message) {
        return new Verdict.Refused("UNAUTHORIZED", message);
    }

    private @Nullable String flaw(SignedJWT token) throws JOSEException {
        // Before anything else: the token must never choose how it is verified (RFC 8725 §3.1).
        if (!JWSAlgorithm.HS256.equals(token.getHeader().getAlgorithm()))
            return "the token is not signed with HS256";
        String keyId = token.getHeader().getKeyID();
        for (Secret secret : secrets) {
            if (keyId != null && !keyId.equals(secret.keyId())) continue;
            if (token.verify(new MACVerifier(secret.bytes()))) return null;
            if (keyId != null) return "the token's signature is wrong";
        }
        return keyId == null
                ? "the token's signature is wrong"
                : "the token names a key that this server does not have";
    }

    @SuppressWarnings("JavaUtilDate") // the library's
    private Verdict judge(JWTClaimsSet claims) throws ParseException {
        Date expires = claims.getExpirationTime();
        if (expires == null) return refused("the token has no exp");
        Date notBefore = claims.getNotBeforeTime();
        long nowMillis = clock.millis();
        // RFC 7519 §4.1.4: the present time must be before exp.
        if (nowMillis >= expires.getTime())
            return new Verdict.Refused("TOKEN_EXPIRED", "the token has expired");
        if (notBefore != null && nowMillis < notBefore.getTime())
            return refused("the token is not valid yet");
        String room = claims.getStringClaim("room");
        String name = claims.getStringClaim("name");
        List<String> subscribe = patterns(claims, "subscribe");
        List<String> publish = patterns(claims, "publish");
        boolean sound =
                (room == null || room.equals(Claims.ANY_ROOM) || Names.isRoom(room))
                        && (name == null || Names.isName(name))
                        && subscribe.stream().allMatch(Names::isTopicPattern)
                        && publish.stream().allMatch(Names::isTopicPattern)
                        && subscribe.size() + publish.size() <= MAX_PATTERNS;
        if (!sound) return refused("a claim of the token is malformed");
        return new Verdict.Accepted(
                new Claims(room, name, subscribe, publish, expires.toInstant()));
    }

    private static List<String> patterns(JWTClaimsSet claims, String claim) throws ParseException {
        String[] patterns = claims.getStringArrayClaim(claim);
        if (patterns == null) return List.of();
        for (Object pattern : patterns)
            if (!(pattern instanceof String)) throw new ParseException(claim, 0);
        return List.of(patterns);
    }
}
