package dev.peerline.fallback.link.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.TopicDown;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** One carrier's reading of topics beside the mailbox. */
final class TopicsBesideMailboxTest {
    private static final long EPOCH = 9;

    private final MemoryLog mailbox =
            new MemoryLog(1, new LogLimits(8 << 20, 1_000, new Budget(Long.MAX_VALUE)));
    private final MemoryTopics topics = new MemoryTopics(EPOCH, TopicLimits.DEFAULT);
    private final DownReader reader = new DownReader(mailbox, 0, 0);
    private final AtomicInteger wakes = new AtomicInteger();

    private static TopicPattern pattern(String text) {
        return Objects.requireNonNull(TopicPattern.parse(text), text);
    }

    private void publish(String topic, int bytes) {
        Publication what =
                new Publication(pattern(topic), "text/plain", Bytes.of(new byte[bytes]), null);
        topics.publish(what, 1, _ -> {});
    }

    private void subscribe(long number, String text, Cursor after) {
        TopicLog log = topics.log(pattern(text).firstSegment());
        TopicReader place = TopicReader.after(log, TopicFilter.all(pattern(text)), after);
        reader.subscribe(number, log, place, after, wakes::incrementAndGet);
    }

    private List<DownFrame> next() {
        Bytes packet = reader.next(0);
        if (packet == null) return List.of();
        assertTrue(packet.length() <= 256 * 1024, packet.length() + " bytes");
        if (DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var frames)) {
            return frames;
        }
        throw new AssertionError("malformed");
    }

    private static List<Long> offsets(List<DownFrame> frames, long number) {
        List<Long> offsets = new ArrayList<>();
        for (DownFrame frame : frames) {
            if (frame instanceof TopicDown.Messages messages && messages.number() == number) {
                messages.items().forEach(item -> offsets.add(item.offset()));
            }
        }
        return offsets;
    }

    @Test
    void eachFrameNamesWhatItsClientHasReadBefore() {
        publish("news.a", 1);
        publish("news.b", 1);
        publish("news.a", 1);
        subscribe(1, "news.a", new Cursor(EPOCH, 0));
        TopicDown.Messages first = (TopicDown.Messages) next().getFirst();
        assertEquals(0, first.after());
        assertEquals(List.of(1L, 3L), offsets(List.of(first), 1));
        publish("news.b", 1);
        publish("news.a", 1);
        TopicDown.Messages second = (TopicDown.Messages) next().getFirst();
        assertEquals(3, second.after());
        assertEquals(2, wakes.get(), "for what was published since it reads");
        assertNull(reader.next(0));
    }

    @Test
    void mailboxAndTopicsTakeTurnsInWhoFillsAPacketFirst() {
        Bytes large = Bytes.of(new byte[40_000]);
        for (int i = 0; i < 6; i++) {
            mailbox.append(
                    new LogEntry(EntryBody.envelopeHeader(new Member(new Id(1, 2), 3), 9), large));
            publish("news.a", 40_000);
        }
        subscribe(1, "news.a", new Cursor(EPOCH, 0));
        int entries = 0;
        int messages = 0;
        for (int i = 0; i < 6; i++) {
            List<DownFrame> frames = next();
            messages += offsets(frames, 1).size();
            entries += frames.stream().filter(DownFrame.Entry.class::isInstance).toList().size();
        }
        assertEquals(3, entries);
        assertEquals(3, messages);
    }

    @Test
    void aTopicThatFillsPacketsLeavesRoomForAnother() {
        for (int i = 0; i < 10; i++) publish("busy.a", 65_530);
        publish("quiet.a", 1);
        subscribe(1, "busy.a", new Cursor(EPOCH, 0));
        subscribe(2, "quiet.a", new Cursor(EPOCH, 0));
        assertEquals(List.of(1L), offsets(next(), 1));
        assertEquals(List.of(1L), offsets(next(), 2));
    }

    @Test
    void aMessageThatFitsNoPacketIsAGap() {
        publish("news.a", 1);
        publish("news.a", 300_000);
        publish("news.a", 1);
        subscribe(1, "news.a", new Cursor(EPOCH, 0));
        List<DownFrame> frames = next();
        assertEquals(List.of(1L, 3L), offsets(frames, 1));
        Cursor left = new Cursor(EPOCH, 2);
        TopicDown.Missed gap = new TopicDown.Missed(1, new Cursor(EPOCH, 1), left, left, "size");
        assertTrue(frames.contains(gap), frames::toString);
    }

    @Test
    void aCursorOfAnotherLifeIsToldOnceAndReadingGoesOn() {
        publish("news.a", 1);
        Cursor before = new Cursor(7, 5);
        subscribe(1, "news.a", before);
        List<DownFrame> frames = next();
        Cursor oldest = new Cursor(EPOCH, 1);
        assertEquals(
                new TopicDown.Missed(1, before, oldest, new Cursor(EPOCH, 0), "restart"),
                frames.getFirst());
        assertEquals(List.of(1L), offsets(frames, 1));
        assertNull(reader.next(0));
    }

    @Test
    void whatHasEndedReadsNoMore() {
        subscribe(1, "news.a", new Cursor(EPOCH, 0));
        reader.end(null);
        publish("news.a", 1);
        assertNull(reader.next(0));
        assertEquals(0, wakes.get());
    }
}
