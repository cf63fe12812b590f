package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Bytes;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Messages and gaps as JSON (RFC 8259). */
public final class MessageJson {
    private MessageJson() {}

    static Bytes of(TopicMessage message, boolean named) {
        StringBuilder json = new StringBuilder(96 + message.body().length());
        json.append("{\"id\":\"").append(CursorText.of(message.id()));
        json.append("\",\"time\":").append(message.timeMillis());
        if (named) json.append(",\"topic\":\"").append(message.topic()).append('"');
        json.append(",\"type\":\"");
        escape(message.type(), json);
        json.append("\",\"data\":\"");
        data(message.body(), json);
        return Bytes.utf8(json.append('}').toString());
    }

    /** A gap as a JSON object. */
    public static String of(Gap gap) {
        return "{\"after\":\"%s\",\"oldest\":\"%s\",\"reason\":\"%s\"}"
                .formatted(
                        CursorText.of(gap.after()),
                        CursorText.of(gap.oldest()),
                        gap.reason().text());
    }

    private static void data(Bytes body, StringBuilder json) {
        CharBuffer text;
        try {
            // A decoder of its own refuses what is not UTF-8; it would be replaced otherwise.
            text = StandardCharsets.UTF_8.newDecoder().decode(body.buffer());
        } catch (CharacterCodingException _) {
            ByteBuffer base64 = Base64.getEncoder().encode(body.buffer());
            json.append(StandardCharsets.US_ASCII.decode(base64));
            json.append("\",\"encoding\":\"base64\"");
            return;
        }
        escape(text, json);
        json.append('"');
    }

    /** RFC 8259 §7. */
    private static void escape(CharSequence text, StringBuilder json) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') json.append("\\u%04x".formatted((int) c));
                    else json.append(c);
                }
            }
        }
    }
}
