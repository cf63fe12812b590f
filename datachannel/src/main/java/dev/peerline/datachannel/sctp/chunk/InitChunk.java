package dev.peerline.datachannel.sctp.chunk;

/**
 * INIT and INIT ACK (RFC 9260 §3.3.2, §3.3.3), which differ in type and in the cookie alone.
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |   Type = 1/2  |  Chunk Flags  |         Chunk Length          |
 * +---------------+---------------+-------------------------------+
 * |                         Initiate Tag                          |
 * +---------------------------------------------------------------+
 * |           Advertised Receiver Window Credit (a_rwnd)          |
 * +-------------------------------+-------------------------------+
 * |  Number of Outbound Streams   |   Number of Inbound Streams   |
 * +-------------------------------+-------------------------------+
 * |                          Initial TSN                          |
 * +---------------------------------------------------------------+
 * /              Optional/Variable-Length Parameters              /
 * </pre>
 *
 * @param initiateTag never 0
 * @param advertisedReceiverWindow bytes, at least 1500
 * @param outboundStreams 1 to 65535
 * @param inboundStreams 1 to 65535
 */
public record InitChunk(
        int initiateTag,
        long advertisedReceiverWindow,
        int outboundStreams,
        int inboundStreams,
        int initialTsn,
        InitParameters parameters) {
    /** RFC 9260 §3.3.2: "An SCTP receiver MUST be able to receive a minimum of 1500 bytes". */
    public static final long MIN_RECEIVER_WINDOW = 1500;

    private static final int FIXED_BYTES = 20;

    public static Parsed<InitChunk> parse(ChunkCursor chunk) {
        if (chunk.end() - chunk.start() < FIXED_BYTES) return Parsed.bad(Malformed.TOO_SHORT);
        byte[] bytes = chunk.bytes();
        int at = chunk.start();
        int tag = Bytes.i32(bytes, at + 4);
        long window = Bytes.u32(bytes, at + 8);
        int outbound = Bytes.u16(bytes, at + 12);
        int inbound = Bytes.u16(bytes, at + 14);
        int tsn = Bytes.i32(bytes, at + 16);
        // RFC 9260 §3.3.2: a tag of 0, or no streams, is an error that ends the handshake.
        if (tag == 0 || outbound == 0 || inbound == 0 || window < MIN_RECEIVER_WINDOW)
            return Parsed.bad(Malformed.BAD_VALUE);
        return switch (InitParameters.parse(bytes, at + FIXED_BYTES, chunk.end())) {
            case Parsed.Good<InitParameters>(InitParameters parameters) ->
                    Parsed.good(new InitChunk(tag, window, outbound, inbound, tsn, parameters));
            case Parsed.Bad<InitParameters>(Malformed why) -> Parsed.bad(why);
        };
    }

    /** Writes it as {@link ChunkType#INIT} or {@link ChunkType#INIT_ACK}. */
    public void write(PacketWriter out, int type) {
        out.beginChunk(type, 0);
        out.put32(initiateTag);
        out.put32((int) advertisedReceiverWindow);
        out.put16(outboundStreams);
        out.put16(inboundStreams);
        out.put32(initialTsn);
        parameters.write(out);
        out.endChunk();
    }
}
