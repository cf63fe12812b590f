package dev.peerline.net.stun;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;

/** How a key is made of a long-term credential (RFC 8489 §9.2.2, §18.5). */
public enum PasswordAlgorithm {
    /** The only one that RFC 5389 knows. */
    MD5(1, "MD5"),
    SHA256(2, "SHA-256");

    private final int number;
    private final String digest;

    PasswordAlgorithm(int number, String digest) {
        this.number = number;
        this.digest = digest;
    }

    public int number() {
        return number;
    }

    /**
     * The key for this credential. Username and realm must be prepared already, as clients send
     * them.
     */
    public byte[] key(String username, String realm, String password) {
        String text = username + ":" + realm + ":" + opaque(password);
        return digest(digest, text);
    }

    /** What USERHASH holds in place of a name (RFC 8489 §14.4). */
    public static byte[] userHash(String username, String realm) {
        return digest("SHA-256", username + ":" + realm);
    }

    /** RFC 8265 §4.2 OpaqueString: spaces of other scripts become U+0020, then NFC. */
    private static String opaque(String text) {
        boolean ascii = text.chars().allMatch(c -> c < 0x80);
        if (ascii) return text;
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c)
                .forEach(mapped::appendCodePoint);
        return Normalizer.normalize(mapped, Normalizer.Form.NFC);
    }

    private static byte[] digest(String algorithm, String text) {
        try {
            return MessageDigest.getInstance(algorithm)
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has " + algorithm, e);
        }
    }
}
