package dev.peerline.fallback.link.wire;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Frames about topics as docs/vectors writes them: cursors as text, bodies as hexadecimal. */
public final class TopicJson {
    private TopicJson() {}

    static JsonObject of(TopicListing listing) {
        JsonObject json = typed("TOPICS");
        json.addProperty("highest", listing.highest());
        JsonArray list = new JsonArray();
        for (TopicSubscription each : listing.subscriptions()) list.add(of(each));
        json.add("subscriptions", list);
        return json;
    }

    private static JsonObject of(TopicSubscription subscription) {
        JsonObject json = new JsonObject();
        json.addProperty("subscription", subscription.number());
        json.addProperty("topic", subscription.pattern());
        json.addProperty("after", after(subscription.place()));
        return json;
    }

    static JsonObject of(TopicUp topical) {
        JsonObject json = new JsonObject();
        switch (topical) {
            case TopicUp.Subscribe(TopicSubscription subscription) -> {
                json = of(subscription);
                json.addProperty("kind", "SUBSCRIBE");
            }
            case TopicUp.Unsubscribe(long number) -> {
                json.addProperty("kind", "UNSUBSCRIBE");
                json.addProperty("subscription", number);
            }
            case TopicUp.Publish what -> {
                json.addProperty("kind", "PUBLISH");
                json.addProperty("request", what.request());
                json.addProperty("topic", what.topic());
                json.addProperty("mediaType", what.type());
                json.addProperty("key", what.key());
                json.addProperty("body", hex(what.body()));
            }
        }
        return json;
    }

    static JsonObject of(TopicDown topical) {
        return switch (topical) {
            case TopicDown.Subscribed(long number, Cursor cursor) -> {
                JsonObject json = numbered("SUBSCRIBED", number);
                json.addProperty("cursor", text(cursor));
                yield json;
            }
            case TopicDown.Messages(long number, long epoch, long after, var items) -> {
                JsonObject json = numbered("TOPIC", number);
                json.addProperty("epoch", epoch);
                json.addProperty("after", after);
                JsonArray messages = new JsonArray();
                for (TopicDown.Item item : items) messages.add(of(item));
                json.add("messages", messages);
                yield json;
            }
            case TopicDown.Missed missed -> {
                JsonObject json = numbered("MISSED", missed.number());
                json.addProperty("after", text(missed.after()));
                json.addProperty("oldest", text(missed.oldest()));
                json.addProperty("next", text(missed.next()));
                json.addProperty("reason", missed.reason());
                yield json;
            }
            case TopicDown.Ended(long number, TopicFault fault) -> {
                JsonObject json = numbered("ENDED", number);
                add(json, fault);
                yield json;
            }
        };
    }

    private static JsonObject of(TopicDown.Item item) {
        JsonObject json = new JsonObject();
        json.addProperty("offset", item.offset());
        json.addProperty("time", item.timeMillis());
        json.addProperty("topic", item.topic());
        json.addProperty("mediaType", item.type());
        json.addProperty("body", hex(item.body()));
        return json;
    }

    static JsonObject of(Published answer) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", "PUBLISHED");
        json.addProperty("request", answer.request());
        Cursor id = answer.id();
        TopicFault fault = answer.fault();
        if (id != null) json.addProperty("id", text(id));
        if (fault != null) add(json, fault);
        return json;
    }

    /** Why something was refused. */
    public static void add(JsonObject json, TopicFault fault) {
        json.addProperty("code", fault.code());
        json.addProperty("message", fault.message());
        json.addProperty("retriable", fault.retriable());
        json.addProperty("retryAfterMs", fault.retryAfterMillis());
    }

    /** What a server says of topics; null for a frame that is not about them. */
    public static @Nullable TopicDown down(JsonObject f) {
        return switch (f.get("type").getAsString()) {
            case "SUBSCRIBED" -> new TopicDown.Subscribed(number(f), cursor(f, "cursor"));
            case "TOPIC" -> {
                List<TopicDown.Item> items = new ArrayList<>();
                for (JsonElement each : f.getAsJsonArray("messages")) items.add(item(each));
                yield new TopicDown.Messages(
                        number(f), f.get("epoch").getAsLong(), f.get("after").getAsLong(), items);
            }
            case "MISSED" ->
                    new TopicDown.Missed(
                            number(f),
                            cursor(f, "after"),
                            cursor(f, "oldest"),
                            cursor(f, "next"),
                            f.get("reason").getAsString());
            case "ENDED" -> new TopicDown.Ended(number(f), fault(f));
            default -> null;
        };
    }

    /** An answer in a mailbox. */
    public static Published published(JsonObject f) {
        long request = f.get("request").getAsLong();
        return f.has("id")
                ? new Published(request, cursor(f, "id"), null)
                : new Published(request, null, fault(f));
    }

    /** Where reading begins. */
    public static TopicPlace place(String after) {
        return switch (after) {
            case "now" -> TopicPlace.NOW;
            case "oldest" -> TopicPlace.OLDEST;
            default -> TopicPlace.after(cursor(after));
        };
    }

    private static String after(TopicPlace place) {
        Cursor cursor = place.cursor();
        if (cursor != null) return text(cursor);
        return place.fromOldest() ? "oldest" : "now";
    }

    private static TopicDown.Item item(JsonElement each) {
        JsonObject f = each.getAsJsonObject();
        return new TopicDown.Item(
                f.get("offset").getAsLong(),
                f.get("time").getAsLong(),
                f.get("topic").getAsString(),
                f.get("mediaType").getAsString(),
                Bytes.of(HexFormat.of().parseHex(f.get("body").getAsString())));
    }

    private static TopicFault fault(JsonObject f) {
        return new TopicFault(
                f.get("code").getAsString(),
                f.get("message").getAsString(),
                f.get("retriable").getAsBoolean(),
                f.get("retryAfterMs").getAsLong());
    }

    private static long number(JsonObject f) {
        return f.get("subscription").getAsLong();
    }

    private static Cursor cursor(JsonObject f, String name) {
        return cursor(f.get(name).getAsString());
    }

    private static Cursor cursor(String text) {
        int dash = text.indexOf('-');
        return new Cursor(
                Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    /** As it stands in URLs. */
    public static String text(Cursor cursor) {
        return cursor.epoch() + "-" + cursor.offset();
    }

    /** Hexadecimal. */
    public static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toArray());
    }

    private static JsonObject typed(String type) {
        JsonObject json = new JsonObject();
        json.addProperty("type", type);
        return json;
    }

    private static JsonObject numbered(String type, long number) {
        JsonObject json = typed(type);
        json.addProperty("subscription", number);
        return json;
    }
}
