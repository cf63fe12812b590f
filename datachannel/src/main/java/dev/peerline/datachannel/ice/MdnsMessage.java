package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** As much of DNS messages (RFC 1035 §4) as a question for one address needs. Pure. */
final class MdnsMessage {
    private static final int HEADER_BYTES = 12;
    private static final int MAX_LABEL_BYTES = 63;
    private static final int MAX_NAME_BYTES = 255;

    /** More than any answer to one question has. */
    private static final int MAX_RECORDS = 32;

    private static final int TYPE_A = 1;
    private static final int TYPE_AAAA = 28;

    private MdnsMessage() {}

    /** The labels of a name with their lengths, or nothing if it is no name. */
    static byte[] name(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : text.split("\\.", -1)) {
            byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
            if (bytes.length == 0 || bytes.length > MAX_LABEL_BYTES) return new byte[0];
            out.write(bytes.length);
            out.writeBytes(bytes);
        }
        out.write(0);
        return out.size() > MAX_NAME_BYTES ? new byte[0] : out.toByteArray();
    }

    /** Asks for the IPv4 and the IPv6 address of a name, to be answered to us alone. */
    static byte[] query(int id, byte[] name) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + 2 * (name.length + 4));
        out.putShort((short) id).putShort((short) 0).putShort((short) 2); // two questions
        out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        for (int type : new int[] {TYPE_A, TYPE_AAAA}) {
            out.put(name).putShort((short) type).putShort((short) 0x8001); // QU, class IN
        }
        return out.array();
    }

    /**
     * The first address that a response gives for the name.
     *
     * @param message from 0 to its limit
     */
    static @Nullable InetAddress address(ByteBuffer message, int id, String name) {
        if (message.limit() < HEADER_BYTES || (message.getShort(2) & 0x8000) == 0) return null;
        int answered = Short.toUnsignedInt(message.getShort(0));
        if (answered != id && answered != 0) return null;
        int questions = Short.toUnsignedInt(message.getShort(4));
        int answers = Short.toUnsignedInt(message.getShort(6));
        if (questions > MAX_RECORDS) return null;
        int at = HEADER_BYTES;
        for (int i = 0; i < questions; i++) {
            at = afterName(message, at);
            if (at < 0 || at + 4 > message.limit()) return null;
            at += 4;
        }
        for (int i = 0; i < Math.min(answers, MAX_RECORDS); i++) {
            int owner = at;
            at = afterName(message, at);
            if (at < 0 || at + 10 > message.limit()) return null;
            int type = message.getShort(at);
            int length = Short.toUnsignedInt(message.getShort(at + 8));
            at += 10;
            if (at + length > message.limit()) return null;
            boolean fits = (type == TYPE_A && length == 4) || (type == TYPE_AAAA && length == 16);
            if (fits && text(message, owner).equals(name)) return inet(message, at, length);
            at += length;
        }
        return null;
    }

    private static @Nullable InetAddress inet(ByteBuffer message, int at, int length) {
        byte[] bytes = new byte[length];
        message.get(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    /** Where a name ends, or -1. */
    private static int afterName(ByteBuffer message, int start) {
        int at = start;
        while (at < message.limit()) {
            int length = Byte.toUnsignedInt(message.get(at));
            if (length == 0) return at + 1;
            if (length >= 0xc0) return at + 2; // RFC 1035 §4.1.4: the rest stands elsewhere
            if (length > MAX_LABEL_BYTES) return -1;
            at += 1 + length;
        }
        return -1;
    }

    /** A name in small letters, or as much of it as there is. */
    private static String text(ByteBuffer message, int start) {
        StringBuilder text = new StringBuilder();
        int at = start;
        for (int steps = 0; steps < MAX_NAME_BYTES && at < message.limit(); steps++) {
            int length = Byte.toUnsignedInt(message.get(at));
            if (length == 0) break;
            if (length >= 0xc0) {
                if (at + 2 > message.limit()) break;
                at = message.getShort(at) & 0x3fff;
                continue;
            }
            if (at + 1 + length > message.limit()) break;
            byte[] label = new byte[length];
            message.get(at + 1, label);
            if (!text.isEmpty()) text.append('.');
            text.append(new String(label, StandardCharsets.US_ASCII));
            at += 1 + length;
        }
        return text.toString().toLowerCase(Locale.ROOT);
    }
}
