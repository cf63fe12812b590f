package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.Locale;

/**
 * The hash of a certificate ({@code a=fingerprint}, RFC 8122).
 *
 * @param algorithm in lower case, {@code sha-256} for example
 * @param value upper-case hexadecimal bytes with colons between
 */
public record Fingerprint(String algorithm, String value) {
    /** The algorithm that WebRTC asks for (RFC 8827 §6.5). */
    public static final String SHA_256 = "sha-256";

    private static final HexFormat HEX = HexFormat.ofDelimiter(":").withUpperCase();

    /** The longest is SHA-512's. */
    private static final int MAX_VALUE_CHARACTERS = 64 * 3 - 1;

    public static Fingerprint of(String algorithm, byte[] hash) {
        return new Fingerprint(algorithm, HEX.formatHex(hash));
    }

    /** Reads what follows {@code a=fingerprint:}; null when it is malformed. */
    static @Nullable Fingerprint parse(String text) {
        int space = text.indexOf(' ');
        if (space < 1) return null;
        String hex = text.substring(space + 1).strip();
        if (hex.isEmpty() || hex.length() > MAX_VALUE_CHARACTERS) return null;
        try {
            byte[] hash = HEX.parseHex(hex);
            return of(text.substring(0, space).toLowerCase(Locale.ROOT), hash);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** The bytes of the hash. */
    public byte[] hash() {
        return HEX.parseHex(value);
    }

    @Override
    public String toString() {
        return algorithm + " " + value;
    }
}
