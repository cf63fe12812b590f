package dev.peerline.net.stun;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** FINGERPRINT (RFC 8489 §14.7): the CRC-32 of what precedes it, XORed with "STUN". */
public final class StunFingerprint {
    private static final int XOR = 0x5354554e;

    private StunFingerprint() {}

    static int of(ByteBuffer buffer, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(buffer.slice(offset, length));
        return (int) crc.getValue() ^ XOR;
    }

    /** True also when the message has none. */
    public static boolean isValid(StunReader message) {
        int index = message.find(StunAttribute.FINGERPRINT);
        if (index < 0) return true;
        int attribute = message.valueOffset(index) - 4;
        int before = attribute - message.offset();
        return message.valueLength(index) == 4
                && message.number(index)
                        == Integer.toUnsignedLong(of(message.buffer(), message.offset(), before));
    }
}
