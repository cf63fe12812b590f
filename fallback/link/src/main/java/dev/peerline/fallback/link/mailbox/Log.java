package dev.peerline.fallback.link.mailbox;

import dev.peerline.fallback.link.wire.Cursor;

/**
 * An append-only log. Offsets count from 1 and rise by 1; with the epoch they make a cursor. It
 * forgets what was acknowledged, and, where it would grow over its limits, the oldest; a reader
 * sees by {@link #forgotten} that something is gone. Thread-safe.
 *
 * <p>Appending and waking are two steps, so that an appender can do the first under its own lock
 * and the second without one.
 */
public interface Log {
    /** Which life of the log this is; another number after it lost its entries. 0 … 2^53−1. */
    long epoch();

    /** The offset of the last entry ever appended; 0 before the first. */
    long head();

    /** The highest offset that was acknowledged. */
    long acknowledged();

    /** Entries up to and including this offset are not here any more. */
    long forgotten();

    /**
     * Where a reader with a cursor goes on: after this offset; −1 when the cursor is not of this
     * log. One that is of an earlier life of it may have read what was not kept: then the offset is
     * the last that was.
     */
    default long resume(Cursor cursor) {
        return cursor.epoch() == epoch() && cursor.offset() <= head() ? cursor.offset() : -1;
    }

    /** What is held, bookkeeping included. */
    long bytes();

    /**
     * Appends, and forgets the oldest where the limits ask for it.
     *
     * @return the offset of the entry
     */
    long append(LogEntry entry);

    /**
     * Shows entries in order, beginning after an offset (or with the oldest that is kept), until
     * the visitor has enough or there are no more.
     */
    void read(long after, Visitor visitor);

    /** Forgets everything up to and including an offset; beyond the head it is the head. */
    void acknowledge(long offset);

    /**
     * Waits: the callback runs after entries were appended, on the thread that appended them, as
     * often as {@link #signal} is called and until it is cancelled. It must not block.
     */
    Waiting await(Runnable wake);

    /** Wakes those who wait. To be called after {@link #append}, without any lock. */
    void signal();

    /** Forgets everything and gives back what it used; the log is not used after it. */
    void close();

    /** Takes entries. Called under the log's lock: it copies and does nothing else. */
    @FunctionalInterface
    interface Visitor {
        /** Returns false when it did not take this entry and wants no more. */
        boolean visit(long offset, LogEntry entry);
    }

    /** A wait that can be given up. */
    @FunctionalInterface
    interface Waiting {
        void cancel();
    }
}
