package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.Nullable;

/**
 * DATA (RFC 9260 §3.3.1).
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |   Type = 0    |  Res  |I|U|B|E|             Length            |
 * +---------------+---------------+-------------------------------+
 * |                              TSN                              |
 * +-------------------------------+-------------------------------+
 * |       Stream Identifier       |     Stream Sequence Number    |
 * +-------------------------------+-------------------------------+
 * |                  Payload Protocol Identifier                  |
 * +---------------------------------------------------------------+
 * |                           User Data                           |
 * </pre>
 */
public final class DataChunk {
    public static final int HEADER_BYTES = 16;

    private DataChunk() {}

    /** Reads the chunk under the cursor; null when it is well-formed. */
    public static @Nullable Malformed read(ChunkCursor chunk, DataFields into) {
        int at = chunk.start();
        into.payloadLength = chunk.end() - at - HEADER_BYTES;
        if (into.payloadLength < 0) return Malformed.TOO_SHORT;
        byte[] bytes = chunk.bytes();
        into.flags = Bytes.u8(bytes, at + 1);
        into.tsn = Bytes.i32(bytes, at + 4);
        into.streamId = Bytes.u16(bytes, at + 8);
        into.messageId = Bytes.u16(bytes, at + 10);
        into.fragmentNumber = 0;
        into.payloadProtocol = Bytes.i32(bytes, at + 12);
        into.payloadStart = at + HEADER_BYTES;
        // RFC 9260 §3.3.1: "a DATA chunk with no user data" is answered with ABORT "No User Data".
        return into.payloadLength == 0 ? Malformed.BAD_VALUE : null;
    }

    /** Writes the head; the caller puts the payload and ends the chunk. */
    public static void begin(PacketWriter out, int flags, int tsn, int streamId) {
        out.beginChunk(ChunkType.DATA, flags);
        out.put32(tsn);
        out.put16(streamId);
    }
}
