package dev.peerline.signaling.messages;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes {@code fields} in ascending order of their tags. Not thread-safe. */
final class FieldWriter {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int count;

    FieldWriter number(int tag, long value) {
        if (value < 0) throw new IllegalArgumentException("field " + tag + " must be >= 0");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        varint(bytes, value);
        return field(tag, bytes.toByteArray());
    }

    FieldWriter text(int tag, @Nullable String value) {
        return value == null ? this : field(tag, value.getBytes(StandardCharsets.UTF_8));
    }

    byte[] take() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        varint(whole, count);
        whole.writeBytes(body.toByteArray());
        return whole.toByteArray();
    }

    private FieldWriter field(int tag, byte[] value) {
        count++;
        varint(body, tag);
        varint(body, value.length);
        body.writeBytes(value);
        return this;
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long left = value;
        for (; left > 0x7f; left >>>= 7) out.write((int) (left & 0x7f) | 0x80);
        out.write((int) left);
    }
}
