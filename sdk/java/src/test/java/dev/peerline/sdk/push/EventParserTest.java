package dev.peerline.sdk.push;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.sdk.push.EventParser.Event;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** WHATWG HTML §9.2.6, as far as topics need it. */
final class EventParserTest {
    private static final String STREAM =
            """
            retry: 1000
            :   prelude

            data: {"id":"1-1"}
            id: 1-1

            :

            event: gap
            id: 1-2
            data:{"after":"1-0"}

            event: without-data

            data: Grüße
            data
            data:  two
            unknown: field

            data: cut off\
            """;

    private static final List<Event> EVENTS =
            List.of(
                    new Event("", "1-1", "{\"id\":\"1-1\"}"),
                    new Event("gap", "1-2", "{\"after\":\"1-0\"}"),
                    new Event("", "", "Grüße\n\n two"));

    @Test
    void eventsAreTheSameInWhateverPartsTheyCome() {
        for (String end : List.of("\n", "\r\n", "\r")) {
            byte[] all = STREAM.replace("\n", end).getBytes(UTF_8);
            for (int size = 1; size <= all.length; size++) {
                EventParser parser = new EventParser();
                List<Event> events = new ArrayList<>();
                for (int at = 0; at < all.length; at += size) {
                    int length = Math.min(size, all.length - at);
                    List<Event> some = parser.take(ByteBuffer.wrap(all, at, length));
                    assertNotNull(some);
                    events.addAll(some);
                }
                assertEquals(EVENTS, events, "parts of " + size);
            }
        }
    }

    @Test
    void anEventWithoutEndIsRefused() {
        EventParser parser = new EventParser();
        byte[] part = ("data: " + "x".repeat(1 << 20) + "\n").getBytes(UTF_8);
        for (int i = 0; i < 3; i++) assertEquals(List.of(), parser.take(ByteBuffer.wrap(part)));
        assertNull(parser.take(ByteBuffer.wrap(part)));
    }
}
