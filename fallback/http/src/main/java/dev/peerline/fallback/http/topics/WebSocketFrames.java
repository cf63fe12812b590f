package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.wire.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The server's side of RFC 6455, as far as a socket that is only written to needs it. */
final class WebSocketFrames {
    /** §5.5: the payload of a control frame. */
    static final int MAX_CONTROL_BYTES = 125;

    static final int TEXT = 0x1;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    private static final int FIN = 0x80;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    /** §1.3. */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final int KEY_BYTES = 16;

    /** One for each I/O thread: to look for it takes longer than to use it. */
    private static final ThreadLocal<MessageDigest> SHA_1 =
            ThreadLocal.withInitial(WebSocketFrames::sha1);

    private WebSocketFrames() {}

    /** The header of a text frame of so many bytes, not masked. */
    static Bytes header(int length) {
        ByteBuffer header = ByteBuffer.allocate(2 + Long.BYTES).put((byte) (FIN | TEXT));
        if (length < LENGTH_16) header.put((byte) length);
        else if (length < 1 << 16) header.put((byte) LENGTH_16).putShort((short) length);
        else header.put((byte) LENGTH_64).putLong(length);
        return Bytes.view(header.array(), 0, header.position());
    }

    /** A whole control frame. */
    static ByteBuffer control(int opcode, byte... payload) {
        int length = Math.min(payload.length, MAX_CONTROL_BYTES);
        return ByteBuffer.allocate(2 + length)
                .put((byte) (FIN | opcode))
                .put((byte) length)
                .put(payload, 0, length)
                .flip();
    }

    /** A close frame with a code and a reason (§5.5.1). */
    static ByteBuffer close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, MAX_CONTROL_BYTES - Short.BYTES);
        byte[] payload =
                ByteBuffer.allocate(Short.BYTES + length)
                        .putShort((short) code)
                        .put(text, 0, length)
                        .array();
        return control(CLOSE, payload);
    }

    /** Whether a {@code Sec-WebSocket-Key} is one (§4.1: 16 bytes in base64). */
    static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** {@code Sec-WebSocket-Accept} for a key (§4.2.2). */
    static String accept(String key) {
        byte[] hash = SHA_1.get().digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(hash);
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
