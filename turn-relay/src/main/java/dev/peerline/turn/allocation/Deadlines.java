package dev.peerline.turn.allocation;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Allocations by when they have to be looked at: a binary heap. A deadline that moves later is only
 * noticed when the old one is due, so a refresh costs nothing. Not thread-safe.
 */
public final class Deadlines {
    private @Nullable Allocation[] heap = new Allocation[64];
    private int count;

    public int count() {
        return count;
    }

    /** When the first one is due, or {@code fallback} if there is none. */
    public long first(long fallback) {
        Allocation first = heap[0];
        return first == null ? fallback : first.wakeAtNanos;
    }

    /** One of them, or null. */
    public @Nullable Allocation any() {
        return heap[0];
    }

    public void add(Allocation allocation, long wakeAtNanos) {
        if (count == heap.length) heap = Arrays.copyOf(heap, 2 * count);
        allocation.wakeAtNanos = wakeAtNanos;
        allocation.heapIndex = count;
        heap[count++] = allocation;
        up(allocation);
    }

    /** Takes out one that is due, or null. */
    public @Nullable Allocation poll(long nowNanos) {
        Allocation first = heap[0];
        if (first == null || first.wakeAtNanos - nowNanos > 0) return null;
        remove(first);
        return first;
    }

    public void remove(Allocation allocation) {
        int at = allocation.heapIndex;
        if (at < 0) return;
        allocation.heapIndex = -1;
        Allocation moved = heap[--count];
        heap[count] = null;
        if (moved == null || moved.equals(allocation)) return;
        place(moved, at);
        up(moved);
        down(moved);
    }

    private void place(Allocation allocation, int at) {
        heap[at] = allocation;
        allocation.heapIndex = at;
    }

    private static boolean before(Allocation a, @Nullable Allocation b) {
        return b == null || a.wakeAtNanos - b.wakeAtNanos < 0;
    }

    private void up(Allocation allocation) {
        int at = allocation.heapIndex;
        while (at > 0) {
            Allocation parent = heap[(at - 1) / 2];
            if (parent == null || !before(allocation, parent)) break;
            place(parent, at);
            at = (at - 1) / 2;
        }
        place(allocation, at);
    }

    private void down(Allocation allocation) {
        int at = allocation.heapIndex;
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            Allocation left = heap[child];
            Allocation right = child + 1 < count ? heap[child + 1] : null;
            if (right != null && before(right, left)) {
                child++;
                left = right;
            }
            if (left == null || !before(left, allocation)) break;
            place(left, at);
            at = child;
        }
        place(allocation, at);
    }
}
