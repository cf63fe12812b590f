package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.Nullable;

/**
 * SACK (RFC 9260 §3.3.4), read in place.
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |   Type = 3    |  Chunk Flags  |         Chunk Length          |
 * +---------------+---------------+-------------------------------+
 * |                      Cumulative TSN Ack                       |
 * +---------------------------------------------------------------+
 * |          Advertised Receiver Window Credit (a_rwnd)           |
 * +-------------------------------+-------------------------------+
 * | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
 * +-------------------------------+-------------------------------+
 * |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
 * /                              ...                              /
 * |                        Duplicate TSN 1                        |
 * /                              ...                              /
 * </pre>
 */
public final class SackChunk {
    public static final int HEADER_BYTES = 16;
    public static final int GAP_BYTES = 4;

    private byte[] bytes = new byte[0];
    private int at;
    private int gaps;
    private int duplicates;

    /** Reads the chunk under the cursor; null when it is well-formed. */
    public @Nullable Malformed read(ChunkCursor chunk) {
        bytes = chunk.bytes();
        at = chunk.start();
        int length = chunk.end() - at;
        if (length < HEADER_BYTES) return Malformed.TOO_SHORT;
        gaps = Bytes.u16(bytes, at + 12);
        duplicates = Bytes.u16(bytes, at + 14);
        if (length < HEADER_BYTES + 4 * (gaps + duplicates)) return Malformed.BAD_LENGTH;
        int previousEnd = 0;
        for (int i = 0; i < gaps; i++) {
            // Blocks ascend and do not touch the cumulative ack; a block may be out of order in
            // what a strange peer sends, but never inside out.
            if (gapStart(i) == 0 || gapEnd(i) < gapStart(i)) return Malformed.BAD_VALUE;
            if (gapStart(i) <= previousEnd) return Malformed.BAD_VALUE;
            previousEnd = gapEnd(i);
        }
        return null;
    }

    public int cumulativeTsn() {
        return Bytes.i32(bytes, at + 4);
    }

    /** Bytes. */
    public long advertisedReceiverWindow() {
        return Bytes.u32(bytes, at + 8);
    }

    public int gaps() {
        return gaps;
    }

    /** Counted from the cumulative TSN. */
    public int gapStart(int index) {
        return Bytes.u16(bytes, at + HEADER_BYTES + GAP_BYTES * index);
    }

    /** Counted from the cumulative TSN, inclusive. */
    public int gapEnd(int index) {
        return Bytes.u16(bytes, at + HEADER_BYTES + GAP_BYTES * index + 2);
    }

    public int duplicates() {
        return duplicates;
    }

    public int duplicate(int index) {
        return Bytes.i32(bytes, at + HEADER_BYTES + GAP_BYTES * gaps + 4 * index);
    }

    /** Writes the head; gaps (two 16-bit numbers each) and duplicates (32 bits each) follow. */
    public static int begin(PacketWriter out, int cumulativeTsn, long advertisedReceiverWindow) {
        int start = out.position();
        out.beginChunk(ChunkType.SACK, 0);
        out.put32(cumulativeTsn);
        out.put32((int) Math.min(advertisedReceiverWindow, 0xffff_ffffL));
        out.put32(0);
        return start;
    }

    /** Fills in how many gaps and duplicates were written. */
    public static void end(PacketWriter out, int start, int gaps, int duplicates) {
        Bytes.put16(out.bytes(), start + 12, gaps);
        Bytes.put16(out.bytes(), start + 14, duplicates);
        out.endChunk();
    }
}
