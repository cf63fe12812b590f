package dev.peerline.sdk.push;

import java.time.Duration;

/**
 * Which way a topic is read: a stream; below it long polls, for what keeps streams to itself; below
 * them polls, for what cuts long requests. A way that brought nothing twice in a row is left for a
 * while. Time is a parameter. Not thread-safe.
 */
public final class ReadingWays {
    private static final int MAX_DUMB = 2;

    /** Then the way that was left is tried once more. */
    private static final long LEFT_NANOS = Duration.ofMinutes(5).toNanos();

    private final Standing stream = new Standing();
    private final Standing longPoll = new Standing();

    /** From the best down. */
    public enum Way {
        STREAM,
        LONG_POLL,
        POLL
    }

    private static final class Standing {
        private int dumb;
        private long untilNanos;

        private boolean good(long nowNanos) {
            if (dumb < MAX_DUMB) return true;
            if (nowNanos - untilNanos < 0) return false;
            dumb = MAX_DUMB - 1;
            return true;
        }

        private void failed(long nowNanos) {
            if (++dumb >= MAX_DUMB) untilNanos = nowNanos + LEFT_NANOS;
        }
    }

    /** How to read now. */
    public Way way(long nowNanos) {
        if (stream.good(nowNanos)) return Way.STREAM;
        return longPoll.good(nowNanos) ? Way.LONG_POLL : Way.POLL;
    }

    /** It brought something. */
    public void proved(Way way) {
        switch (way) {
            case STREAM -> stream.dumb = 0;
            case LONG_POLL -> longPoll.dumb = 0;
            case POLL -> {}
        }
    }

    /** It was open, and brought nothing until its time was over or it was cut. */
    public void dumb(Way way, long nowNanos) {
        switch (way) {
            case STREAM -> stream.failed(nowNanos);
            case LONG_POLL -> longPoll.failed(nowNanos);
            case POLL -> {}
        }
    }
}
