package dev.peerline.sdk;

import com.google.gson.JsonElement;

import dev.peerline.fallback.link.wire.Bytes;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/**
 * A message of a topic.
 *
 * @param id its id, which is the cursor after it too
 * @param time when it was published
 * @param topic where; of a pattern, which one
 * @param type what its publisher called it, such as {@code application/json}
 * @param data JSON where the type says so and it is, bytes where the type is {@code
 *     application/octet-stream} or it is no UTF-8, else text
 */
public record TopicMessage(String id, Instant time, String topic, String type, Data data) {
    /** What has no other type. */
    static final String BINARY = "application/octet-stream";

    /** See {@link Data#text}. */
    public String text() {
        return data.text();
    }

    /** See {@link Data#bytes}. */
    public byte[] bytes() {
        return data.bytes();
    }

    /** See {@link Data#json}. */
    public JsonElement json() {
        return data.json();
    }

    static Data decode(String type, Bytes body) {
        if (type.equals(BINARY)) return Data.bytes(body.toArray());
        if (isJson(type)) {
            Data json = Data.received(Data.Kind.JSON, body);
            if (json.sound()) return json;
        }
        try {
            // A decoder of its own refuses what is not UTF-8; it would be replaced otherwise.
            StandardCharsets.UTF_8.newDecoder().decode(body.buffer());
            return Data.received(Data.Kind.TEXT, body);
        } catch (CharacterCodingException _) {
            return Data.bytes(body.toArray());
        }
    }

    private static boolean isJson(String type) {
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return media.equals("application/json")
                || (media.startsWith("application/") && media.endsWith("+json"));
    }

    /** What is published without another type. */
    static String typeOf(Data data) {
        return switch (data.kind()) {
            case TEXT -> "text/plain;charset=utf-8";
            case BINARY -> BINARY;
            case JSON -> "application/json";
        };
    }
}
