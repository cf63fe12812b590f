package dev.peerline.fallback.link.mailbox;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What many logs hold together. When it is used up, each log keeps only a small share until there
 * is room again: the ones that hold much lose their oldest first. Thread-safe.
 */
public final class Budget {
    /** What a log may hold whatever the others do. */
    static final long SHARE_BYTES = 64 * 1024;

    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();

    public Budget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    public long used() {
        return used.get();
    }

    /** Counts in what a log holds, or out with a negative number. */
    public void add(long bytes) {
        used.addAndGet(bytes);
    }

    /** What one log may hold now. */
    public long allowance(long logMaxBytes) {
        return used.get() <= maxBytes ? logMaxBytes : Math.min(logMaxBytes, SHARE_BYTES);
    }
}
