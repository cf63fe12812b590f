package dev.peerline.sdk.push;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads server-sent events (WHATWG HTML §9.2.6) from bytes that come in any parts. Not thread-safe.
 */
final class EventParser {
    /** One event has no more; a message is far smaller. */
    private static final int MAX_EVENT_BYTES = 4 << 20;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private String id = "";
    private boolean hasData;

    /** The last byte was a carriage return: a line feed after it is part of the same end. */
    private boolean returned;

    /**
     * One event.
     *
     * @param type empty for a message
     * @param id empty where it has none of its own
     */
    record Event(String type, String id, String data) {}

    /**
     * Takes what has come.
     *
     * @return the events that are whole by now; null when one is too large to be of a server of
     *     ours
     */
    @Nullable List<Event> take(ByteBuffer bytes) {
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte each = bytes.get();
            if (each == '\n' && returned) {
                returned = false;
                continue;
            }
            returned = each == '\r';
            if (each != '\n' && each != '\r') line.write(each);
            else if (line.size() > 0) field();
            else dispatch(events);
            if (line.size() + data.length() > MAX_EVENT_BYTES) return null;
        }
        return events;
    }

    private void field() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) value = value.substring(1);
        switch (name) {
            case "event" -> type = value;
            case "id" -> id = value;
            case "data" -> {
                if (hasData) data.append('\n');
                data.append(value);
                hasData = true;
            }
            default -> {
                // A comment, or for browsers.
            }
        }
    }

    private void dispatch(List<Event> events) {
        if (hasData) events.add(new Event(type, id, data.toString()));
        type = "";
        id = "";
        data.setLength(0);
        hasData = false;
    }
}
