package dev.peerline.datachannel.ice;

import java.nio.ByteBuffer;

/** Packets in a stream, each after its length in two bytes (RFC 4571 §2). Pure. */
final class TcpFrame {
    static final int HEADER_BYTES = 2;

    /** Longer than any DTLS record or check; the field could say four times as much. */
    static final int MAX_BYTES = (1 << 14) + 512;

    /** The packet is not all there yet. */
    static final int INCOMPLETE = -1;

    /** Longer than allowed. */
    static final int TOO_LONG = -2;

    private TcpFrame() {}

    /**
     * Looks at the frame that begins at the position, and goes on to its packet if that is there.
     *
     * @param atMost bytes that a packet may have
     * @return the bytes of the packet, which may be 0, or one of the above, and then nothing has
     *     changed
     */
    static int next(ByteBuffer stream, int atMost) {
        if (stream.remaining() < HEADER_BYTES) return INCOMPLETE;
        int bytes = Short.toUnsignedInt(stream.getShort(stream.position()));
        if (bytes > atMost) return TOO_LONG;
        if (stream.remaining() < HEADER_BYTES + bytes) return INCOMPLETE;
        stream.position(stream.position() + HEADER_BYTES);
        return bytes;
    }
}
