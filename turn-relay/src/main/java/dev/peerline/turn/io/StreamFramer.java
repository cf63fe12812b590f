package dev.peerline.turn.io;

import java.nio.ByteBuffer;

/**
 * Finds messages in a stream: STUN by its length field, ChannelData with its padding (RFC 8656
 * §12.5). Pure; no state.
 */
final class StreamFramer {
    /** More bytes are needed to tell. */
    static final int INCOMPLETE = 0;

    /** Neither STUN nor ChannelData: the stream cannot be followed any further. */
    static final int BROKEN = -1;

    private StreamFramer() {}

    /**
     * How long the message is that begins at the buffer's position, with padding.
     *
     * @return {@link #INCOMPLETE} if fewer than 4 bytes are there, {@link #BROKEN}, or the length,
     *     which may be more than is there
     */
    static int frameBytes(ByteBuffer buffer) {
        if (buffer.remaining() < 4) return INCOMPLETE;
        int word = buffer.getInt(buffer.position());
        int length = word & 0xffff;
        return switch (word >>> 30) {
            case 0 -> (length & 3) == 0 ? 20 + length : BROKEN;
            case 1 -> 4 + (length + 3 & ~3);
            default -> BROKEN;
        };
    }
}
