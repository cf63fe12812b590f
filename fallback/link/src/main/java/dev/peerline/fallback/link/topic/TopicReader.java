package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

/** One reader's place in a log. Not thread-safe: whoever writes for the reader asks it. */
public final class TopicReader {
    private final TopicLog log;
    private final TopicFilter filter;
    private long position;

    /** The cursor that was not of this log, until that was told. */
    private @Nullable Cursor unknown;

    private TopicReader(TopicLog log, TopicFilter filter, long position) {
        this.log = log;
        this.filter = filter;
        this.position = position;
    }

    /** Reads what is kept, from the oldest on. */
    public static TopicReader oldest(TopicLog log, TopicFilter filter) {
        return new TopicReader(log, filter, log.forgotten());
    }

    /** Reads only what comes from now on. */
    public static TopicReader now(TopicLog log, TopicFilter filter) {
        return new TopicReader(log, filter, log.head());
    }

    /** Goes on after a cursor. One that is not of this log is told as a gap. */
    public static TopicReader after(TopicLog log, TopicFilter filter, Cursor cursor) {
        if (log.knows(cursor)) return new TopicReader(log, filter, cursor.offset());
        TopicReader reader = oldest(log, filter);
        reader.unknown = cursor;
        return reader;
    }

    public TopicFilter filter() {
        return filter;
    }

    /** What was read last. */
    public Cursor cursor() {
        return new Cursor(log.epoch(), position);
    }

    /** The offset that was read last. */
    public long position() {
        return position;
    }

    /** Whether the log has something, even if it be a gap, that was not looked at. */
    public boolean isBehind() {
        return unknown != null || position != log.head();
    }

    /** Goes on after an offset: what is before it came by another way. */
    public void moveTo(long offset) {
        position = Math.max(position, offset);
    }

    /**
     * What comes next; it counts as read.
     *
     * @param maxMessages at most so many
     * @param maxBytes no further message once they have so many bytes
     */
    public Page next(int maxMessages, long maxBytes) {
        Page page = peek(maxMessages, maxBytes);
        taken(page.next());
        return page;
    }

    /** Everything up to an offset, and the gap before it, counts as read. */
    public void taken(long offset) {
        position = offset;
        unknown = null;
    }

    /** The same place for somebody who may read something else by now. */
    public TopicReader through(TopicFilter newFilter) {
        TopicReader reader = new TopicReader(log, newFilter, position);
        reader.unknown = unknown;
        return reader;
    }

    /** What comes next; it does not count as read. */
    public Page peek(int maxMessages, long maxBytes) {
        Page page = log.read(filter, position, maxMessages, maxBytes);
        Cursor before = unknown;
        if (before == null) return page;
        Cursor oldest =
                page.messages().isEmpty()
                        ? new Cursor(log.epoch(), page.next())
                        : page.messages().getFirst().id();
        Gap gap = new Gap(before, oldest, Gap.Reason.RESTART);
        return new Page(gap, page.messages(), page.next(), page.more());
    }
}
