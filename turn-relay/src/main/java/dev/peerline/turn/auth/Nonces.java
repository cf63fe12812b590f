package dev.peerline.turn.auth;

import dev.peerline.net.TransportAddress;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces that are not remembered: the time of issue, and a MAC over it and the client's IP address
 * (not the port: NATs change it, and RFC 6062 uses another). Not thread-safe: one a loop, with one
 * key.
 */
public final class Nonces {
    /** RFC 8489 §9.2: marks a nonce that carries security features. */
    static final String COOKIE = "obMatJos2";

    /** RFC 8489 §18.1, counted from the least significant bit. */
    public static final int PASSWORD_ALGORITHMS = 1;

    public static final int USERNAME_ANONYMITY = 2;

    private static final int TIME_BYTES = 4;
    private static final int MAC_BYTES = 11;
    private static final int FEATURE_CHARS = 4;
    private static final Base64.Encoder ENCODER = Base64.getEncoder();

    private final Mac mac;

    public Nonces(byte[] key) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HmacSHA256", e);
        }
    }

    /** A nonce that tells features (24 bits); with none it has no cookie and is shorter. */
    public String issue(TransportAddress client, int features, long epochSeconds) {
        byte[] time = ByteBuffer.allocate(TIME_BYTES).putInt((int) epochSeconds).array();
        byte[] token = Arrays.copyOf(time, TIME_BYTES + MAC_BYTES);
        byte[] tag = tag(time, client, features);
        System.arraycopy(tag, 0, token, TIME_BYTES, MAC_BYTES);
        String text = ENCODER.encodeToString(token);
        return features == 0 ? text : COOKIE + featureText(features) + text;
    }

    private static String featureText(int features) {
        byte[] bytes = {(byte) (features >> 16), (byte) (features >> 8), (byte) features};
        return ENCODER.encodeToString(bytes);
    }

    private byte[] tag(byte[] time, TransportAddress client, int features) {
        mac.update(time);
        ByteBuffer rest = ByteBuffer.allocate(20);
        rest.putLong(client.high()).putLong(client.low()).putInt(features).flip();
        mac.update(rest);
        return Arrays.copyOf(mac.doFinal(), MAC_BYTES);
    }

    /** The features a nonce tells, or -1 if it has no cookie. */
    public static int features(byte[] nonce) {
        int length = COOKIE.length() + FEATURE_CHARS;
        if (nonce.length < length) return -1;
        String head = new String(nonce, 0, length, StandardCharsets.ISO_8859_1);
        if (!head.startsWith(COOKIE)) return -1;
        try {
            byte[] bits = Base64.getDecoder().decode(head.substring(COOKIE.length()));
            if (bits.length != 3) return -1;
            return (bits[0] & 255) << 16 | (bits[1] & 255) << 8 | (bits[2] & 255);
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    /** Whether this server issued it to this address no longer than so many seconds ago. */
    public boolean isValid(
            byte[] nonce, TransportAddress client, long epochSeconds, long lifetimeSeconds) {
        int features = Math.max(0, features(nonce));
        int skip = features == 0 ? 0 : COOKIE.length() + FEATURE_CHARS;
        if (nonce.length - skip != 4 * (TIME_BYTES + MAC_BYTES) / 3) return false;
        byte[] token;
        try {
            token = Base64.getDecoder().decode(Arrays.copyOfRange(nonce, skip, nonce.length));
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (token.length != TIME_BYTES + MAC_BYTES) return false;
        byte[] time = Arrays.copyOf(token, TIME_BYTES);
        byte[] given = Arrays.copyOfRange(token, TIME_BYTES, token.length);
        if (!MessageDigest.isEqual(tag(time, client, features), given)) return false;
        int age = (int) epochSeconds - ByteBuffer.wrap(time).getInt();
        return age >= 0 && age <= lifetimeSeconds;
    }
}
