package dev.peerline.datachannel.dtls;

import java.nio.ByteBuffer;

/**
 * The head of a DTLS 1.2 record (RFC 6347 §4.1), read in place.
 *
 * <pre>
 * | type (1) | version (2) | epoch (2) | sequence number (6) | length (2) |
 * </pre>
 */
final class RecordHeader {
    static final int BYTES = 13;

    static final int CHANGE_CIPHER_SPEC = 20;
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int APPLICATION_DATA = 23;

    static final int DTLS_1_2 = 0xfefd;

    static final long MAX_SEQUENCE = (1L << 48) - 1;

    private RecordHeader() {}

    /** The bytes of the record at the offset, head included; 0 when there is no whole one. */
    static int recordBytes(byte[] datagram, int offset, int end) {
        if (end - offset < BYTES) return 0;
        int total = BYTES + u16(datagram, offset + 11);
        return total <= end - offset ? total : 0;
    }

    static int type(byte[] datagram, int offset) {
        return datagram[offset] & 0xff;
    }

    static int version(byte[] datagram, int offset) {
        return u16(datagram, offset + 1);
    }

    static int epoch(byte[] datagram, int offset) {
        return u16(datagram, offset + 3);
    }

    static long sequence(byte[] datagram, int offset) {
        return ByteBuffer.wrap(datagram).getLong(offset + 3) & MAX_SEQUENCE;
    }

    static void write(byte[] out, int offset, int type, long epochAndSequence, int length) {
        ByteBuffer.wrap(out, offset, BYTES)
                .put((byte) type)
                .putShort((short) DTLS_1_2)
                .putLong(epochAndSequence)
                .putShort((short) length);
    }

    private static int u16(byte[] bytes, int offset) {
        return ((bytes[offset] & 0xff) << 8) | (bytes[offset + 1] & 0xff);
    }
}
