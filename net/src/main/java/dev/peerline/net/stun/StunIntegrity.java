package dev.peerline.net.stun;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.5, §14.6). Compares in constant
 * time. Not thread-safe: it keeps the two MACs and a copy of the message.
 */
public final class StunIntegrity {
    /** The two attributes. */
    public enum Kind {
        SHA1(StunAttribute.MESSAGE_INTEGRITY, "HmacSHA1", 20, 20),
        /** May be truncated by its sender, to no less than 16 bytes; we never do. */
        SHA256(StunAttribute.MESSAGE_INTEGRITY_SHA256, "HmacSHA256", 32, 16);

        private final int attribute;
        private final String algorithm;
        private final int macBytes;
        private final int minimumBytes;

        Kind(int attribute, String algorithm, int macBytes, int minimumBytes) {
            this.attribute = attribute;
            this.algorithm = algorithm;
            this.macBytes = macBytes;
            this.minimumBytes = minimumBytes;
        }

        public int attribute() {
            return attribute;
        }

        public int macBytes() {
            return macBytes;
        }
    }

    private final Mac sha1 = newMac(Kind.SHA1);
    private final Mac sha256 = newMac(Kind.SHA256);
    private byte[] copy = new byte[512];

    private static Mac newMac(Kind kind) {
        try {
            return Mac.getInstance(kind.algorithm);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + kind.algorithm, e);
        }
    }

    /** Whether the message has this attribute and {@code key} made it. */
    public boolean verify(Kind kind, StunReader message, byte[] key) {
        int index = message.find(kind.attribute);
        if (index < 0) return false;
        int length = message.valueLength(index);
        if (length < kind.minimumBytes || length > kind.macBytes || (length & 3) != 0) return false;
        int value = message.valueOffset(index);
        int covered = value - 4 - message.offset();
        byte[] mac =
                mac(kind, key, message.buffer(), message.offset(), covered, covered + 4 + length);
        return MessageDigest.isEqual(Arrays.copyOf(mac, length), message.value(index));
    }

    /** The MAC over {@code covered} bytes whose header claims {@code claimedBytes} in all. */
    byte[] mac(
            Kind kind, byte[] key, ByteBuffer buffer, int offset, int covered, int claimedBytes) {
        if (copy.length < covered) copy = new byte[covered];
        buffer.get(offset, copy, 0, covered);
        int length = claimedBytes - StunReader.HEADER_BYTES;
        copy[2] = (byte) (length >> 8);
        copy[3] = (byte) length;
        Mac mac = kind == Kind.SHA1 ? sha1 : sha256;
        try {
            mac.init(new SecretKeySpec(key, kind.algorithm));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("any bytes are a key for " + kind.algorithm, e);
        }
        mac.update(copy, 0, covered);
        return mac.doFinal();
    }
}
