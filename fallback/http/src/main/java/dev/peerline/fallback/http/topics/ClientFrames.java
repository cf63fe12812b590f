package dev.peerline.fallback.http.topics;

import java.nio.ByteBuffer;

/**
 * Reads what clients send on a socket that is for reading: pings, pongs and closes. Everything else
 * is refused. What is left of a frame that is not whole yet is kept: 131 bytes at most. Not
 * thread-safe.
 */
final class ClientFrames {
    private static final int NORMAL = 1000;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int POLICY_VIOLATION = 1008;

    private static final int FIN_AND_RESERVED = 0xF0;
    private static final int FIN = 0x80;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int CONTROL = 0x8;
    private static final int MASK_BYTES = 4;
    private static final byte[] NOTHING = {};

    private final Receiver receiver;
    private byte[] rest = NOTHING;
    private boolean over;

    /** What becomes of frames. */
    interface Receiver {
        void ping(byte[] payload);

        /** The client closes, and is to be answered with this code. Nothing more is read. */
        void closed(int code);

        /** The client did what it must not. Nothing more is read. */
        void violated(int code, String reason);
    }

    ClientFrames(Receiver receiver) {
        this.receiver = receiver;
    }

    /** Takes bytes as they come. */
    void take(ByteBuffer bytes) {
        ByteBuffer all = bytes;
        if (rest.length > 0) {
            all = ByteBuffer.allocate(rest.length + bytes.remaining());
            all.put(rest).put(bytes).flip();
        }
        while (!over && frame(all)) {}
        rest = over || !all.hasRemaining() ? NOTHING : new byte[all.remaining()];
        all.get(rest);
    }

    /** Returns false when there is no whole frame. */
    private boolean frame(ByteBuffer in) {
        if (in.remaining() < 2) return false;
        int first = in.get(in.position()) & 0xFF;
        int second = in.get(in.position() + 1) & 0xFF;
        int opcode = first & OPCODE;
        int length = second & LENGTH;
        boolean sound =
                (second & MASKED) != 0
                        && (first & FIN_AND_RESERVED & ~FIN) == 0
                        && (opcode < CONTROL || ((first & FIN) != 0 && isControl(opcode)))
                        && (opcode < CONTROL || length <= WebSocketFrames.MAX_CONTROL_BYTES);
        if (!sound) return refuse(PROTOCOL_ERROR, "bad frame");
        if (opcode < CONTROL) {
            return refuse(POLICY_VIOLATION, "this socket is read-only: publish with POST");
        }
        if (in.remaining() < 2 + MASK_BYTES + length) return false;
        in.position(in.position() + 2);
        byte[] mask = new byte[MASK_BYTES];
        in.get(mask);
        byte[] payload = new byte[length];
        in.get(payload);
        for (int i = 0; i < length; i++) payload[i] ^= mask[i % MASK_BYTES];
        if (opcode == WebSocketFrames.PING) receiver.ping(payload);
        over = opcode == WebSocketFrames.CLOSE;
        if (over) receiver.closed(code(payload));
        return true;
    }

    private static boolean isControl(int opcode) {
        return opcode == WebSocketFrames.CLOSE
                || opcode == WebSocketFrames.PING
                || opcode == WebSocketFrames.PONG;
    }

    /** What a close is answered with: its own code (§5.5.1). */
    private static int code(byte... payload) {
        if (payload.length < Short.BYTES) return NORMAL;
        int code = ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        // §7.4: 1004 to 1006 and those below 1000 are not to be sent.
        return code < NORMAL || (code >= 1004 && code <= 1006) ? PROTOCOL_ERROR : code;
    }

    private boolean refuse(int code, String reason) {
        over = true;
        receiver.violated(code, reason);
        return false;
    }
}
