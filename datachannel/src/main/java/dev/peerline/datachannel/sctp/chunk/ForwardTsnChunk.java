package dev.peerline.datachannel.sctp.chunk;

import java.util.ArrayList;
import java.util.List;

/**
 * FORWARD TSN (RFC 3758 §3.2) and I-FORWARD-TSN (RFC 8260 §2.3.1): the sender has given up on
 * messages.
 *
 * <pre>
 *  FORWARD TSN (192)                        I-FORWARD-TSN (194)
 * +---------------------------------+      +-------------------+-----------+-+
 * |       New Cumulative TSN        |      |       New Cumulative TSN        |
 * +----------------+----------------+      +-------------------+-----------+-+
 * |    Stream-1    |  Sequence-1    |      |      Stream-1     |  Reserved |U|
 * /                                 /      |        Message Identifier       |
 * </pre>
 *
 * @param newCumulativeTsn everything up to here counts as received
 * @param skipped the newest abandoned message of each stream; FORWARD TSN names ordered ones only
 */
public record ForwardTsnChunk(int newCumulativeTsn, List<Skipped> skipped) {
    /**
     * One stream's newest abandoned message.
     *
     * @param messageId stream sequence number (16 bits) or message identifier (32 bits)
     */
    public record Skipped(int streamId, boolean unordered, int messageId) {}

    public static final int HEADER_BYTES = 8;

    public ForwardTsnChunk {
        skipped = List.copyOf(skipped);
    }

    /** Bytes an entry takes in a chunk of this type. */
    public static int entryBytes(int type) {
        return type == ChunkType.I_FORWARD_TSN ? 8 : 4;
    }

    public static Parsed<ForwardTsnChunk> parse(ChunkCursor chunk) {
        if (chunk.valueLength() < 4) return Parsed.bad(Malformed.TOO_SHORT);
        int entryBytes = entryBytes(chunk.type());
        if ((chunk.valueLength() - 4) % entryBytes != 0) return Parsed.bad(Malformed.BAD_LENGTH);
        byte[] bytes = chunk.bytes();
        List<Skipped> skipped = new ArrayList<>();
        for (int at = chunk.valueStart() + 4; at < chunk.end(); at += entryBytes) {
            int streamId = Bytes.u16(bytes, at);
            int second = Bytes.u16(bytes, at + 2);
            skipped.add(
                    chunk.type() == ChunkType.I_FORWARD_TSN
                            ? new Skipped(streamId, (second & 1) != 0, Bytes.i32(bytes, at + 4))
                            : new Skipped(streamId, false, second));
        }
        return Parsed.good(new ForwardTsnChunk(Bytes.i32(bytes, chunk.valueStart()), skipped));
    }

    /** Writes it as {@link ChunkType#FORWARD_TSN} or {@link ChunkType#I_FORWARD_TSN}. */
    public void write(PacketWriter out, int type) {
        out.beginChunk(type, 0);
        out.put32(newCumulativeTsn);
        for (Skipped one : skipped) {
            out.put16(one.streamId);
            if (type == ChunkType.I_FORWARD_TSN) {
                out.put16(one.unordered ? 1 : 0);
                out.put32(one.messageId);
            } else {
                out.put16(one.messageId);
            }
        }
        out.endChunk();
    }
}
