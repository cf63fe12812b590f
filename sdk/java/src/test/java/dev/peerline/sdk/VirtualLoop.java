package dev.peerline.sdk;

import dev.peerline.sdk.driver.Loop;

import java.util.PriorityQueue;

/** Virtual time: tasks in order of their hour, those of one hour in the order of their call. */
final class VirtualLoop implements Loop {
    static final long MS = 1_000_000;

    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private long nowNanos;
    private long order;

    private static final class Entry implements Comparable<Entry> {
        final long atNanos;
        final long order;
        final Runnable task;
        boolean cancelled;

        Entry(long atNanos, long order, Runnable task) {
            this.atNanos = atNanos;
            this.order = order;
            this.task = task;
        }

        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    long nowMillis() {
        return nowNanos / MS;
    }

    @Override
    public void execute(Runnable task) {
        at(nowNanos, task);
    }

    void after(long nanos, Runnable task) {
        at(nowNanos + nanos, task);
    }

    @Override
    public Timer at(long nanos, Runnable task) {
        Entry entry = new Entry(Math.max(nanos, nowNanos), order++, task);
        queue.add(entry);
        return () -> entry.cancelled = true;
    }

    @Override
    public boolean inside() {
        return true;
    }

    void run(long untilNanos) {
        for (Entry next; (next = queue.peek()) != null && next.atNanos <= untilNanos; ) {
            queue.remove();
            nowNanos = next.atNanos;
            if (!next.cancelled) next.task.run();
        }
        nowNanos = untilNanos;
    }
}
