package dev.peerline.server.token;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What signs tokens. Never printed: {@link #toString} tells the key id alone. */
public final class Secret {
    /** RFC 7518 §3.2: a key of the hash's size or larger. */
    public static final int MIN_BYTES = 32;

    private static final int KEY_ID_BYTES = 6;

    private final byte[] bytes;
    private final String keyId;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
        this.keyId = keyId(bytes);
    }

    /**
     * The text's UTF-8 bytes, trimmed.
     *
     * @throws IllegalArgumentException when they are fewer than {@value #MIN_BYTES}
     */
    public static Secret of(String text) {
        byte[] bytes = text.strip().getBytes(StandardCharsets.UTF_8);
        if (bytes.length < MIN_BYTES)
            throw new IllegalArgumentException(
                    "a secret must have at least %d bytes, this one has %d"
                            .formatted(MIN_BYTES, bytes.length));
        return new Secret(bytes);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** As it stands in the file, trimmed: what a TURN server goes by. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Another secret made of this one, from which this one cannot be found.
     *
     * @param purpose tells several of them apart
     */
    public String derived(String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
            byte[] code = mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(code);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Names this secret in tokens ({@code kid}), and tells nothing else of it. */
    public String keyId() {
        return keyId;
    }

    private static String keyId(byte[] bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("peerline key id\n".getBytes(StandardCharsets.UTF_8));
            byte[] hash = Arrays.copyOf(digest.digest(bytes), KEY_ID_BYTES);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return keyId.hashCode();
    }

    @Override
    public String toString() {
        return "Secret " + keyId;
    }
}
