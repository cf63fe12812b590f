package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** A peer's id in a room, 16 bytes: docs/protocol.md, section 1. Ordered as its bytes are. */
public record Id(long high, long low) implements Comparable<Id> {
    /** Bytes on the wire. */
    public static final int BYTES = 16;

    /** Bytes of the key that proves an id. */
    public static final int KEY_BYTES = 32;

    private static final int TEXT_CHARACTERS = 22;

    /** The id that this key has in this room: the first 128 bits of SHA-256(room ‖ key). */
    public static Id of(String room, Bytes key) {
        if (key.length() != KEY_BYTES) {
            throw new IllegalArgumentException("key must have 32 bytes, not " + key.length());
        }
        MessageDigest sha256 = sha256();
        sha256.update(room.getBytes(StandardCharsets.UTF_8));
        sha256.update(key.buffer());
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
        return new Id(digest.getLong(), digest.getLong());
    }

    /** Reads {@link #text}; null when it is none. */
    public static @Nullable Id parse(String text) {
        if (text.length() != TEXT_CHARACTERS) return null;
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            return new Id(bytes.getLong(), bytes.getLong());
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** 22 characters of base64url. */
    public String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public int compareTo(Id other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return text();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }
}
