package dev.peerline.datachannel.ice.turn;

import java.nio.ByteBuffer;

/**
 * Finds messages in a stream from a server: STUN by its length field, ChannelData with its padding
 * (RFC 8656 §12.5). Pure.
 */
public final class TurnFramer {
    /** More bytes are needed to tell. */
    public static final int INCOMPLETE = 0;

    /** Neither STUN nor ChannelData: the stream cannot be followed any further. */
    public static final int BROKEN = -1;

    /** The longest frame: a ChannelData message of 65,535 bytes, padded. */
    public static final int MAX_FRAME_BYTES = 4 + 65_536;

    private static final int STUN_HEADER_BYTES = 20;

    private TurnFramer() {}

    /**
     * How long the message is that begins at the buffer's position, with padding.
     *
     * @return {@link #INCOMPLETE} if fewer than 4 bytes are there, {@link #BROKEN}, or the length,
     *     which may be more than is there
     */
    public static int frameBytes(ByteBuffer stream) {
        if (stream.remaining() < 4) return INCOMPLETE;
        int word = stream.getInt(stream.position());
        int length = word & 0xffff;
        return switch (word >>> 30) {
            case 0 -> (length & 3) == 0 ? STUN_HEADER_BYTES + length : BROKEN;
            case 1 -> 4 + (length + 3 & ~3);
            default -> BROKEN;
        };
    }
}
