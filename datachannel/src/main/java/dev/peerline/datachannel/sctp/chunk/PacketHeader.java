package dev.peerline.datachannel.sctp.chunk;

import java.util.zip.CRC32C;

/**
 * The common header of a packet (RFC 9260 §3.1) and its checksum.
 *
 * <pre>
 *  0                   1                   2                   3
 * +-------------------------------+-------------------------------+
 * |       Source Port Number      |    Destination Port Number    |
 * +-------------------------------+-------------------------------+
 * |                        Verification Tag                       |
 * +---------------------------------------------------------------+
 * |                       Checksum (CRC32c)                       |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class PacketHeader {
    public static final int BYTES = 12;

    private static final int TAG_AT = 4;
    private static final int CHECKSUM_AT = 8;
    private static final byte[] ZEROS = new byte[4];

    private final CRC32C crc = new CRC32C();

    public static int sourcePort(byte[] packet, int offset) {
        return Bytes.u16(packet, offset);
    }

    public static int destinationPort(byte[] packet, int offset) {
        return Bytes.u16(packet, offset + 2);
    }

    public static int verificationTag(byte[] packet, int offset) {
        return Bytes.i32(packet, offset + TAG_AT);
    }

    public static int checksum(byte[] packet, int offset) {
        return Bytes.i32(packet, offset + CHECKSUM_AT);
    }

    /**
     * The checksum of a packet as it stands in the header: RFC 9260 Appendix A sends CRC32c's bytes
     * in the opposite order.
     */
    public int computeChecksum(byte[] packet, int offset, int length) {
        crc.reset();
        crc.update(packet, offset, CHECKSUM_AT);
        crc.update(ZEROS, 0, ZEROS.length);
        crc.update(packet, offset + BYTES, length - BYTES);
        return Integer.reverseBytes((int) crc.getValue());
    }

    /** Fills in the checksum of a packet whose checksum field is zero. */
    public void seal(byte[] packet, int offset, int length) {
        crc.reset();
        crc.update(packet, offset, length);
        int checksum = Integer.reverseBytes((int) crc.getValue());
        Bytes.put32(packet, offset + CHECKSUM_AT, checksum);
    }
}
