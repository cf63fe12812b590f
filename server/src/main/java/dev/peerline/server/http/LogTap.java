package dev.peerline.server.http;

import dev.peerline.fallback.link.topic.TopicLog;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Remembers when the last messages of a log became visible, by the clock that a reader of them uses
 * too. Thread-safe.
 */
final class LogTap implements AutoCloseable {
    /** A reader that is further behind measures its own delay, not that of its protocol. */
    private static final int REMEMBERED = 256;

    private final TopicLog log;
    private final Deque<Appended> appended = new ArrayDeque<>();
    private final TopicLog.Waiting waiting;

    /** Up to here nothing is known. */
    private long base;

    private record Appended(long head, long atNanos) {}

    LogTap(TopicLog log) {
        this.log = log;
        base = log.head();
        waiting = log.await(this::append);
    }

    private void append() {
        Appended now = new Appended(log.head(), System.nanoTime());
        synchronized (this) {
            appended.add(now);
            if (appended.size() > REMEMBERED) base = appended.remove().head();
        }
    }

    /**
     * How long a message has been visible.
     *
     * @return in ns; -1 when that is not known
     */
    synchronized long age(long offset, long nowNanos) {
        if (offset <= base) return -1;
        for (Appended one : appended) {
            if (one.head() >= offset) return Math.max(0, nowNanos - one.atNanos());
        }
        return -1;
    }

    @Override
    public void close() {
        waiting.cancel();
    }
}
