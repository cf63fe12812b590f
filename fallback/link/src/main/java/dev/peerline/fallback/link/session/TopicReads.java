package dev.peerline.fallback.link.session;

import dev.peerline.fallback.link.topic.Gap;
import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The topics that one carrier reads beside its mailbox, each from its own place in its log. Not
 * thread-safe: its {@link DownReader} has the lock.
 */
final class TopicReads {
    private static final int MAX_MESSAGES = 256;

    /** What no packet can hold, with room for its headers. */
    private static final int MAX_MESSAGE_BYTES = 255 * 1024;

    /** Beyond it who asks without reading is not answered. */
    private static final int MAX_NOTES = 256;

    /** As they take turns: who comes first next time. */
    private final Map<Long, Read> reads = new LinkedHashMap<>();

    private final Deque<TopicDown> notes = new ArrayDeque<>(0);
    private long delivered;
    private long gaps;

    private static final class Read {
        private final long number;
        private final TopicLog.Waiting waiting;
        private TopicReader place;

        /** What its client has read, or will have. */
        private Cursor told;

        Read(long number, TopicReader place, Cursor told, TopicLog.Waiting waiting) {
            this.number = number;
            this.place = place;
            this.told = told;
            this.waiting = waiting;
        }
    }

    int size() {
        return reads.size();
    }

    boolean has(long number) {
        return reads.containsKey(number);
    }

    /** What is written once, before messages. */
    void note(TopicDown note) {
        if (notes.size() < MAX_NOTES) notes.add(note);
    }

    void add(long number, TopicReader place, Cursor told, TopicLog.Waiting waiting) {
        remove(number);
        reads.put(number, new Read(number, place, told, waiting));
    }

    void remove(long number) {
        Read read = reads.remove(number);
        if (read != null) read.waiting.cancel();
    }

    void clear() {
        for (Read read : reads.values()) read.waiting.cancel();
        reads.clear();
        notes.clear();
    }

    /** The numbers, and what each reads. */
    Map<Long, TopicFilter> filters() {
        Map<Long, TopicFilter> filters = new LinkedHashMap<>();
        reads.forEach((number, read) -> filters.put(number, read.place.filter()));
        return filters;
    }

    /** Each reads through another filter from now on; null ends it. */
    void refilter(Function<Long, @Nullable TopicFilter> filters) {
        for (Iterator<Read> each = reads.values().iterator(); each.hasNext(); ) {
            Read read = each.next();
            TopicFilter filter = filters.apply(read.number);
            if (filter == null) {
                read.waiting.cancel();
                each.remove();
            } else {
                read.place = read.place.through(filter);
            }
        }
    }

    /** Messages that were written since this was asked last. */
    long takeDelivered() {
        long count = delivered;
        delivered = 0;
        return count;
    }

    /** The same of gaps. */
    long takeGaps() {
        long count = gaps;
        gaps = 0;
        return count;
    }

    /** Writes what is new, until the packet has so many bytes; a single message may have more. */
    void write(WireWriter writer, int limit) {
        while (!notes.isEmpty() && writer.size() < limit) writer.frame(notes.remove());
        if (reads.isEmpty()) return;
        List<Read> full = new ArrayList<>(0);
        for (Read read : reads.values()) {
            if (writer.size() >= limit) break;
            if (write(read, writer, limit)) full.add(read);
        }
        // Who filled the packet is last in the next.
        for (Read read : full) {
            reads.remove(read.number);
            reads.put(read.number, read);
        }
    }

    /** Returns whether it has something left. */
    private boolean write(Read read, WireWriter writer, int limit) {
        while (writer.size() < limit) {
            Page page = read.place.peek(MAX_MESSAGES, limit - writer.size());
            Gap gap = page.gap();
            if (gap == null && page.messages().isEmpty()) {
                read.place.taken(page.next());
                return false;
            }
            if (gap != null) tell(read, gap, page, writer);
            if (!write(read, page, writer, limit)) return true;
            if (!page.more()) return false;
        }
        return true;
    }

    private void tell(Read read, Gap gap, Page page, WireWriter writer) {
        long epoch = gap.oldest().epoch();
        long next =
                page.messages().isEmpty() ? page.next() : page.messages().getFirst().offset() - 1;
        Cursor reached = new Cursor(epoch, next);
        writer.frame(
                new TopicDown.Missed(
                        read.number, read.told, gap.oldest(), reached, gap.reason().text()));
        read.place.taken(next);
        read.told = reached;
        gaps++;
    }

    /** Returns false when the packet is full before the page is written. */
    private boolean write(Read read, Page page, WireWriter writer, int limit) {
        List<TopicDown.Item> items = new ArrayList<>(page.messages().size());
        int size = writer.size();
        for (TopicMessage message : page.messages()) {
            TopicDown.Item item =
                    new TopicDown.Item(
                            message.offset(),
                            message.timeMillis(),
                            message.topic(),
                            message.type(),
                            message.body());
            if (item.size() > MAX_MESSAGE_BYTES) {
                flush(read, items, writer);
                leaveOut(read, message, writer);
                size = writer.size();
                continue;
            }
            if (size > 0 && size + item.size() > limit) {
                flush(read, items, writer);
                return false;
            }
            items.add(item);
            size += item.size();
        }
        flush(read, items, writer);
        read.place.taken(page.next());
        return true;
    }

    private void flush(Read read, List<TopicDown.Item> items, WireWriter writer) {
        if (items.isEmpty()) return;
        long epoch = read.told.epoch();
        long after = read.told.offset();
        writer.frame(new TopicDown.Messages(read.number, epoch, after, List.copyOf(items)));
        long last = items.getLast().offset();
        read.place.taken(last);
        read.told = new Cursor(epoch, last);
        delivered += items.size();
        items.clear();
    }

    private void leaveOut(Read read, TopicMessage message, WireWriter writer) {
        Cursor id = message.id();
        writer.frame(new TopicDown.Missed(read.number, read.told, id, id, "size"));
        read.place.taken(id.offset());
        read.told = id;
        gaps++;
    }
}
