package dev.peerline.sdk.push;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What a server says of topics (docs/protocol.md, section 7). What it never says is an {@link
 * IOException}: somebody else answered.
 */
final class ServerJson {
    private ServerJson() {}

    /** A message and its id. */
    record Item(Cursor id, TopicReading.Told message) {}

    /**
     * A gap.
     *
     * @param next reading goes on after it
     */
    record GapAt(TopicReading.Missed gap, Cursor next) {}

    /** The answer to a poll. */
    record Page(@Nullable GapAt gap, List<Item> items, Cursor next) {}

    /** Null for what is no JSON object. */
    static @Nullable JsonObject object(String text) {
        try {
            return JsonParser.parseString(text) instanceof JsonObject object ? object : null;
        } catch (JsonParseException _) {
            return null;
        }
    }

    static Page page(JsonObject told, String topic) throws IOException {
        if (!(told.get("messages") instanceof JsonArray messages)) throw strange();
        List<Item> items = new ArrayList<>();
        for (JsonElement each : messages) {
            if (!(each instanceof JsonObject message)) throw strange();
            items.add(item(message, topic));
        }
        Cursor next = cursor(told, "next");
        GapAt gap = null;
        if (told.get("gap") instanceof JsonObject missed) {
            Cursor oldest = cursor(missed, "oldest");
            Cursor before = new Cursor(oldest.epoch(), Math.max(0, oldest.offset() - 1));
            // What is still kept begins with the oldest.
            gap = gap(missed, items.isEmpty() ? next : before);
        }
        return new Page(gap, items, next);
    }

    /**
     * A message.
     *
     * @param topic its topic where it names none
     */
    static Item item(JsonObject told, String topic) throws IOException {
        try {
            String data = string(told, "data");
            boolean binary = told.has("encoding");
            Bytes body = binary ? Bytes.of(Base64.getDecoder().decode(data)) : Bytes.utf8(data);
            long time = Long.parseLong(string(told, "time"));
            String named = told.has("topic") ? string(told, "topic") : topic;
            TopicReading.Told message =
                    new TopicReading.Told(named, time, string(told, "type"), body);
            return new Item(cursor(told, "id"), message);
        } catch (IllegalArgumentException _) {
            throw strange();
        }
    }

    static GapAt gap(JsonObject told, Cursor next) throws IOException {
        TopicReading.Missed missed =
                new TopicReading.Missed(
                        string(told, "after"), string(told, "oldest"), string(told, "reason"));
        return new GapAt(missed, next);
    }

    static Cursor cursor(String text) throws IOException {
        Cursor cursor = CursorText.parse(text);
        if (cursor == null) throw strange();
        return cursor;
    }

    private static Cursor cursor(JsonObject told, String name) throws IOException {
        return cursor(string(told, name));
    }

    static String string(JsonObject told, String name) throws IOException {
        JsonElement value = told.get(name);
        if (value == null || !value.isJsonPrimitive()) throw strange();
        return value.getAsString();
    }

    private static IOException strange() {
        return new IOException("the answer is not of this server");
    }
}
