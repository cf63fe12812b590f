package dev.peerline.sdk;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.PairFrame;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/**
 * What a message holds: text, bytes, or JSON, which arrives in a browser as an object. JSON is a
 * {@link JsonElement}: it is read strictly before it is handed over, and {@code
 * Gson.toJsonTree(object)} makes one of anything. Immutable, but for what is done to the tree.
 */
public final class Data {
    /** Refuses what JSON has no word for, such as NaN. */
    private static final Gson GSON = new Gson();

    private final Kind kind;
    private final Bytes payload;

    private Data(Kind kind, Bytes payload) {
        this.kind = kind;
        this.payload = payload;
    }

    /** What a message is of. */
    public enum Kind {
        TEXT(PairFrame.TEXT),
        BINARY(PairFrame.BINARY),
        JSON(PairFrame.JSON);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    public static Data text(String text) {
        return new Data(Kind.TEXT, Bytes.utf8(text));
    }

    /** Copied: what is done to the array later does not change the message. */
    public static Data bytes(byte[] bytes) {
        return new Data(Kind.BINARY, Bytes.of(bytes.clone()));
    }

    /**
     * The text of a tree as it is now.
     *
     * @throws PeerlineException {@code BAD_ARGUMENT} where it holds NaN or an infinity
     */
    public static Data json(JsonElement tree) {
        try {
            return new Data(Kind.JSON, Bytes.utf8(GSON.toJson(tree)));
        } catch (IllegalArgumentException | JsonParseException problem) {
            throw PeerlineException.badArgument("json: " + problem.getMessage());
        }
    }

    /** What came. Its payload is a view of a packet where that is all there is in it. */
    static Data received(int dataType, Bytes payload) {
        for (Kind kind : Kind.values()) {
            if (kind.number == dataType) return new Data(kind, payload.compact());
        }
        throw new AssertionError("data of type " + dataType);
    }

    /** The same of a kind that is known. */
    static Data received(Kind kind, Bytes payload) {
        return new Data(kind, payload.compact());
    }

    public Kind kind() {
        return kind;
    }

    /**
     * The text, or the text of the JSON.
     *
     * @throws IllegalStateException for bytes
     */
    public String text() {
        if (kind == Kind.BINARY) throw new IllegalStateException("the message is bytes, no text");
        return new String(payload.toArray(), StandardCharsets.UTF_8);
    }

    /** The bytes, or those of the text in UTF-8; a copy. */
    public byte[] bytes() {
        return payload.toArray();
    }

    /**
     * The tree, made anew by each call.
     *
     * @throws IllegalStateException for text and bytes
     */
    public JsonElement json() {
        if (kind != Kind.JSON) throw new IllegalStateException("the message is no JSON");
        return parse(text());
    }

    /** How many bytes travel. */
    public int length() {
        return payload.length();
    }

    int dataType() {
        return kind.number;
    }

    Bytes payload() {
        return payload;
    }

    /** Whether JSON that came is JSON. */
    boolean sound() {
        if (kind != Kind.JSON) return true;
        try {
            parse(text());
            return true;
        } catch (JsonParseException | StackOverflowError _) {
            return false;
        }
    }

    private static JsonElement parse(String text) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new JsonParseException("text after the JSON");
            }
            return tree;
        } catch (IOException problem) {
            throw new JsonParseException(problem);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Data that && kind == that.kind && payload.equals(that.payload);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + payload.hashCode();
    }

    @Override
    public String toString() {
        return kind == Kind.BINARY ? payload.toString() : text();
    }
}
