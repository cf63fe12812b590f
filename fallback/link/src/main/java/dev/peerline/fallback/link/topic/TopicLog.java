package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

/**
 * The log of all topics with one first segment, as its readers see it. Offsets count up; with the
 * epoch they make a cursor. Thread-safe.
 */
public interface TopicLog {
    /** Which life of the topics this is; another number after their messages were lost. */
    long epoch();

    /** The offset of the last message that readers may see; that of the next is higher. */
    long head();

    /** The offset after which the oldest message stands that is kept. */
    long forgotten();

    /**
     * What a reader gets next. Of what it would have got and is forgotten, it is told by a gap.
     *
     * @param after the offset up to which it has read
     * @param maxMessages at most so many
     * @param maxBytes no further message once they have so many bytes
     */
    Page read(TopicFilter filter, long after, int maxMessages, long maxBytes);

    /**
     * Waits: the callback runs after messages became visible, on the thread that made them so,
     * until it is cancelled. It must not block.
     */
    Waiting await(Runnable wake);

    /** Whether a cursor is of this log. */
    default boolean knows(Cursor cursor) {
        return cursor.epoch() == epoch() && cursor.offset() <= head();
    }

    /** A wait that can be given up. */
    @FunctionalInterface
    interface Waiting {
        void cancel();
    }
}
