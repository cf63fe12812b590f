package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.Nullable;

/**
 * I-DATA (RFC 8260 §2.1): DATA whose messages may be interleaved.
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |   Type = 64   |  Res  |I|U|B|E|             Length            |
 * +---------------+---------------+-------------------------------+
 * |                              TSN                              |
 * +-------------------------------+-------------------------------+
 * |        Stream Identifier      |           Reserved            |
 * +-------------------------------+-------------------------------+
 * |                      Message Identifier                       |
 * +---------------------------------------------------------------+
 * |    Payload Protocol Identifier / Fragment Sequence Number     |
 * +---------------------------------------------------------------+
 * |                           User Data                           |
 * </pre>
 */
public final class IDataChunk {
    public static final int HEADER_BYTES = 20;

    private IDataChunk() {}

    /** Reads the chunk under the cursor; null when it is well-formed. */
    public static @Nullable Malformed read(ChunkCursor chunk, DataFields into) {
        int at = chunk.start();
        into.payloadLength = chunk.end() - at - HEADER_BYTES;
        if (into.payloadLength < 0) return Malformed.TOO_SHORT;
        byte[] bytes = chunk.bytes();
        into.flags = Bytes.u8(bytes, at + 1);
        into.tsn = Bytes.i32(bytes, at + 4);
        into.streamId = Bytes.u16(bytes, at + 8);
        into.messageId = Bytes.i32(bytes, at + 12);
        int last = Bytes.i32(bytes, at + 16);
        // "If the B bit is set, this field contains the PPID", and the FSN is then 0.
        into.fragmentNumber = into.begin() ? 0 : last;
        into.payloadProtocol = into.begin() ? last : 0;
        into.payloadStart = at + HEADER_BYTES;
        return into.payloadLength == 0 ? Malformed.BAD_VALUE : null;
    }

    /** Writes the head up to the stream; the caller goes on with message id, PPID or FSN, data. */
    public static void begin(PacketWriter out, int flags, int tsn, int streamId) {
        out.beginChunk(ChunkType.I_DATA, flags);
        out.put32(tsn);
        out.put16(streamId);
        out.put16(0);
    }
}
