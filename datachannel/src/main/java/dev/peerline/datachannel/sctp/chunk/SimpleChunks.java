package dev.peerline.datachannel.sctp.chunk;

/**
 * The chunks that are a header with opaque bytes, one number, or nothing (RFC 9260 §3.3.5 to
 * §3.3.13): HEARTBEAT and its ACK, COOKIE ECHO and its ACK, SHUTDOWN, its ACK and its COMPLETE.
 */
public final class SimpleChunks {
    /** The parameter inside HEARTBEAT and HEARTBEAT ACK. */
    private static final int HEARTBEAT_INFO = 1;

    private SimpleChunks() {}

    public static void writeBare(PacketWriter out, int type, int flags) {
        out.beginChunk(type, flags).endChunk();
    }

    /** The value goes out as it came in: COOKIE ECHO, HEARTBEAT ACK. */
    public static void writeOpaque(PacketWriter out, int type, byte[] value) {
        out.beginChunk(type, 0);
        out.put(value);
        out.endChunk();
    }

    public static void writeHeartbeat(PacketWriter out, long nonce, long sentNanos) {
        out.beginChunk(ChunkType.HEARTBEAT, 0);
        int start = out.beginParameter(HEARTBEAT_INFO);
        out.put64(nonce);
        out.put64(sentNanos);
        out.endParameter(start);
        out.endChunk();
    }

    /**
     * When the heartbeat that this HEARTBEAT ACK answers was sent; {@link Long#MIN_VALUE} when it
     * answers none of ours.
     */
    public static long heartbeatSentNanos(ChunkCursor chunk, long nonce) {
        byte[] bytes = chunk.bytes();
        int at = chunk.valueStart();
        if (chunk.valueLength() < 20) return Long.MIN_VALUE;
        boolean ours =
                Bytes.u16(bytes, at) == HEARTBEAT_INFO
                        && Bytes.u16(bytes, at + 2) == 20
                        && Bytes.i64(bytes, at + 4) == nonce;
        return ours ? Bytes.i64(bytes, at + 12) : Long.MIN_VALUE;
    }

    /** SHUTDOWN (RFC 9260 §3.3.8) carries the cumulative TSN. */
    public static void writeShutdown(PacketWriter out, int cumulativeTsn) {
        out.beginChunk(ChunkType.SHUTDOWN, 0);
        out.put32(cumulativeTsn);
        out.endChunk();
    }
}
