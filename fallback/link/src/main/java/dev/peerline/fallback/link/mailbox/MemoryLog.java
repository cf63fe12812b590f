package dev.peerline.fallback.link.mailbox;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that lives as long as the process. Thread-safe: one lock, held for array work only. */
public final class MemoryLog implements Log {
    private static final int FIRST_SLOTS = 8;

    private final long epoch;
    private final LogLimits limits;
    private final List<Runnable> waiting = new CopyOnWriteArrayList<>();

    /** A ring; its size is a power of two. The entry with offset n stands at n modulo the size. */
    private @Nullable LogEntry[] slots = new @Nullable LogEntry[FIRST_SLOTS];

    private long head;
    private long forgotten;
    private long acknowledged;
    private long bytes;

    /**
     * @param epoch 0 … 2^53−1, another for each life of the log
     */
    public MemoryLog(long epoch, LogLimits limits) {
        this(epoch, limits, 0);
    }

    /**
     * A log that had a life before.
     *
     * @param base the offset up to which everything is acknowledged and forgotten
     */
    public MemoryLog(long epoch, LogLimits limits, long base) {
        this.epoch = epoch;
        this.limits = limits;
        head = base;
        forgotten = base;
        acknowledged = base;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public synchronized long head() {
        return head;
    }

    @Override
    public synchronized long acknowledged() {
        return acknowledged;
    }

    @Override
    public synchronized long forgotten() {
        return forgotten;
    }

    @Override
    public synchronized long bytes() {
        return bytes;
    }

    @Override
    public synchronized long append(LogEntry entry) {
        if (head - forgotten == slots.length) resize(slots.length * 2);
        head++;
        slots[slot(head)] = entry;
        account(entry.cost());
        long allowance = limits.budget().allowance(limits.maxBytes());
        // The newest stays in any case: it is on its way to a reader that may well be quick.
        while ((bytes > allowance && forgotten < head - 1)
                || head - forgotten > limits.maxEntries()) {
            forgetOldest();
        }
        return head;
    }

    @Override
    public synchronized void read(long after, Visitor visitor) {
        for (long offset = Math.max(after, forgotten) + 1; offset <= head; offset++) {
            if (!visitor.visit(offset, held(offset))) return;
        }
    }

    @Override
    public synchronized void acknowledge(long offset) {
        long upTo = Math.min(offset, head);
        acknowledged = Math.max(acknowledged, upTo);
        while (forgotten < upTo) forgetOldest();
        // What was full once need not stay large for a peer that is quiet now.
        if (forgotten == head && slots.length > FIRST_SLOTS) resize(FIRST_SLOTS);
    }

    @Override
    public Waiting await(Runnable wake) {
        waiting.add(wake);
        return () -> waiting.remove(wake);
    }

    @Override
    public void signal() {
        for (Runnable wake : waiting) wake.run();
    }

    @Override
    public synchronized void close() {
        acknowledge(head);
    }

    private void forgetOldest() {
        forgotten++;
        account(-held(forgotten).cost());
        slots[slot(forgotten)] = null;
    }

    private void account(long change) {
        bytes += change;
        limits.budget().add(change);
    }

    private LogEntry held(long offset) {
        LogEntry entry = slots[slot(offset)];
        if (entry == null) throw new AssertionError("no entry at " + offset);
        return entry;
    }

    private int slot(long offset) {
        return (int) (offset & (slots.length - 1));
    }

    private void resize(int size) {
        @Nullable LogEntry[] old = slots;
        slots = new @Nullable LogEntry[size];
        for (long offset = forgotten + 1; offset <= head; offset++) {
            slots[slot(offset)] = old[(int) (offset & (old.length - 1))];
        }
    }
}
