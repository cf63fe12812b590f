package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Gap;
import dev.peerline.fallback.link.topic.MessageJson;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.util.HeaderMap;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Messages on their way to readers, encoded once for all readers of one kind. Not thread-safe. */
final class Delivery {
    private static final Bytes DATA = Bytes.utf8("data: ");

    private final @Nullable Gap gap;
    private final List<TopicMessage> messages;
    private final boolean named;
    private final Cursor next;

    /** Where it is shared; null for nowhere. */
    private @Nullable Hub hub;

    private @Nullable ByteBuffer frames;
    private @Nullable ByteBuffer events;
    private @Nullable ByteBuffer page;
    private @Nullable SharedAnswer answer;

    /**
     * @param named whether each names its topic
     * @param next the cursor after it
     */
    Delivery(@Nullable Gap gap, List<TopicMessage> messages, boolean named, Cursor next) {
        this.gap = gap;
        this.messages = messages;
        this.named = named;
        this.next = next;
    }

    /** Whether there is anything to tell. */
    boolean isEmpty() {
        return gap == null && messages.isEmpty();
    }

    boolean hasGap() {
        return gap != null;
    }

    int size() {
        return messages.size();
    }

    /** The offset of its first message. */
    long first() {
        return messages.getFirst().offset();
    }

    /** The offset after which reading goes on. */
    long last() {
        return next.offset();
    }

    /** The cursor after it. */
    Cursor next() {
        return next;
    }

    /** The same in parts: a message each, what is missing with the first. */
    List<Delivery> apart() {
        if (messages.isEmpty()) return List.of(this);
        List<Delivery> parts = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            TopicMessage message = messages.get(i);
            parts.add(new Delivery(i == 0 ? gap : null, List.of(message), named, message.id()));
        }
        return parts;
    }

    /** Readers of a hub get it one right after the other: it may stand in the hub's scratch. */
    void shareAt(Hub at) {
        hub = at;
    }

    /** A text frame (RFC 6455 §5.2) each. */
    ByteBuffer frames() {
        if (frames == null) {
            ByteBuffer encoded = encodeFrames();
            frames = hub == null ? encoded : hub.frames().copy(encoded);
        }
        return frames.duplicate();
    }

    private ByteBuffer encodeFrames() {
        List<Bytes> parts = new ArrayList<>(2 * messages.size() + 2);
        if (gap != null) frame(Bytes.utf8("{\"gap\":" + MessageJson.of(gap) + "}"), parts);
        for (TopicMessage message : messages) frame(message.json(named), parts);
        return join(parts);
    }

    private static void frame(Bytes text, List<Bytes> parts) {
        parts.add(WebSocketFrames.header(text.length()));
        parts.add(text);
    }

    /** An event of a stream each. */
    ByteBuffer events() {
        if (events == null) {
            ByteBuffer encoded = encodeEvents();
            events = hub == null ? encoded : hub.events().copy(encoded);
        }
        return events.duplicate();
    }

    private ByteBuffer encodeEvents() {
        List<Bytes> parts = new ArrayList<>(3 * messages.size() + 1);
        if (gap != null) {
            // Who loses the connection right after it has been told already.
            Cursor told = new Cursor(next.epoch(), Math.max(0, gap.oldest().offset() - 1));
            Cursor after = messages.isEmpty() ? next : told;
            parts.add(
                    Bytes.utf8(
                            "event: gap\nid: %s\ndata: %s\n\n"
                                    .formatted(CursorText.of(after), MessageJson.of(gap))));
        }
        for (TopicMessage message : messages) {
            parts.add(DATA);
            parts.add(message.json(named));
            parts.add(Bytes.utf8("\nid: " + CursorText.of(message.id()) + "\n\n"));
        }
        return join(parts);
    }

    /** The answer to a poll. */
    ByteBuffer page() {
        if (page == null) page = encodePage();
        return page.duplicate();
    }

    /** The same with its head, for a request whose answer has these headers besides. */
    ByteBuffer answer(HeaderMap front, Hub at) {
        if (answer == null || !answer.fits(front)) {
            Scratch scratch = hub == null ? null : hub.answers();
            answer = new SharedAnswer(front, page(), at.date(), scratch);
        }
        return answer.bytes();
    }

    private ByteBuffer encodePage() {
        List<Bytes> parts = new ArrayList<>(2 * messages.size() + 2);
        String separator = "{\"messages\":[";
        for (TopicMessage message : messages) {
            parts.add(Bytes.utf8(separator));
            parts.add(message.json(named));
            separator = ",";
        }
        if (messages.isEmpty()) parts.add(Bytes.utf8(separator));
        String told = gap == null ? "" : ",\"gap\":" + MessageJson.of(gap);
        parts.add(Bytes.utf8("],\"next\":\"" + CursorText.of(next) + "\"" + told + "}"));
        return join(parts);
    }

    private static ByteBuffer join(List<Bytes> parts) {
        int size = 0;
        for (Bytes part : parts) size += part.length();
        byte[] joined = new byte[size];
        int at = 0;
        for (Bytes part : parts) {
            part.copyTo(joined, at);
            at += part.length();
        }
        return ByteBuffer.wrap(joined);
    }

    /** For people who look at it in a debugger. */
    @Override
    public String toString() {
        return StandardCharsets.UTF_8.decode(page()).toString();
    }
}
