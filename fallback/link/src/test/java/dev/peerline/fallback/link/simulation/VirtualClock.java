package dev.peerline.fallback.link.simulation;

import java.util.PriorityQueue;

/** Virtual time: callbacks in order of their hour, those of one hour in the order of their call. */
final class VirtualClock {
    static final long MS = 1_000_000;

    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private long nowNanos;
    private long order;

    private record Entry(long atNanos, long order, Runnable run) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    long now() {
        return nowNanos;
    }

    void after(long nanos, Runnable run) {
        queue.add(new Entry(nowNanos + nanos, order++, run));
    }

    void run(long untilNanos) {
        for (Entry next; (next = queue.peek()) != null && next.atNanos() <= untilNanos; ) {
            queue.remove();
            nowNanos = next.atNanos();
            next.run().run();
        }
        nowNanos = untilNanos;
    }
}
