package dev.peerline.fallback.link.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

final class MessageJsonTest {
    private static String json(String type, byte... body) {
        TopicMessage message =
                new TopicMessage(new Cursor(7, 3), 1_000, "a.b", type, Bytes.of(body));
        return new String(message.json(false).toArray(), StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void textStandsAsItIs() {
        assertEquals(
                "{\"id\":\"7-3\",\"time\":1000,\"type\":\"text/plain\",\"data\":\"Grüße 🎉\"}",
                json("text/plain", utf8("Grüße 🎉")));
    }

    @Test
    void jsonIsAStringToo() {
        assertEquals(
                "{\"id\":\"7-3\",\"time\":1000,\"type\":\"application/json\","
                        + "\"data\":\"{\\\"a\\\":\\\"\\\\n\\\"}\"}",
                json("application/json", utf8("{\"a\":\"\\n\"}")));
    }

    @Test
    void controlCharactersAreEscapedSoThatNoLineEndsEarly() {
        assertEquals(
                "{\"id\":\"7-3\",\"time\":1000,\"type\":\"a\\\"b\","
                        + "\"data\":\"\\n\\r\\t\\u0000\\u001f\u007f\u2028\"}",
                json("a\"b", utf8("\n\r\t\0\u001f\u007f\u2028")));
    }

    @Test
    void whatIsNotUtf8IsBase64() {
        assertEquals(
                "{\"id\":\"7-3\",\"time\":1000,\"type\":\"x\",\"data\":\"/wA=\","
                        + "\"encoding\":\"base64\"}",
                json("x", (byte) 0xFF, (byte) 0));
        // An overlong NUL, and half a surrogate pair.
        assertEquals(true, json("x", (byte) 0xC0, (byte) 0x80).contains("base64"));
        assertEquals(true, json("x", (byte) 0xED, (byte) 0xA0, (byte) 0x80).contains("base64"));
    }

    @Test
    void emptyIsEmptyText() {
        assertEquals("{\"id\":\"7-3\",\"time\":1000,\"type\":\"x\",\"data\":\"\"}", json("x"));
    }

    @Test
    void readersOfPatternsSeeTheTopicAndAllShareOneEncoding() {
        TopicMessage message =
                new TopicMessage(new Cursor(7, 3), 1_000, "a.b", "x", Bytes.utf8("y"));
        assertEquals(
                "{\"id\":\"7-3\",\"time\":1000,\"topic\":\"a.b\",\"type\":\"x\",\"data\":\"y\"}",
                new String(message.json(true).toArray(), StandardCharsets.UTF_8));
        assertSame(message.json(true), message.json(true));
        assertSame(message.json(false), message.json(false));
    }
}
