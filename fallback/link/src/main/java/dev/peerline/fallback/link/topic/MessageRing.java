package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.Nullable;

/** Messages with rising offsets, added at one end and taken from the other. Not thread-safe. */
final class MessageRing {
    private static final int FIRST_SLOTS = 2;

    /** A ring; its size is a power of two. */
    private @Nullable TopicMessage[] slots = new @Nullable TopicMessage[FIRST_SLOTS];

    /** Counts what was ever taken; with the size, where the ring begins. */
    private long taken;

    private int size;

    int size() {
        return size;
    }

    void add(TopicMessage message) {
        if (size == slots.length) resize(slots.length * 2);
        slots[slot(size++)] = message;
    }

    TopicMessage get(int index) {
        TopicMessage message = slots[slot(index)];
        if (message == null) throw new AssertionError("no message at " + index);
        return message;
    }

    TopicMessage removeFirst() {
        TopicMessage first = get(0);
        slots[slot(0)] = null;
        taken++;
        size--;
        // What was full once need not stay large.
        if (size < slots.length / 8 && slots.length > FIRST_SLOTS) resize(slots.length / 4);
        return first;
    }

    /** Where the first message stands whose offset is higher; the size when there is none. */
    int after(long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).offset() <= offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private int slot(int index) {
        return (int) ((taken + index) & (slots.length - 1));
    }

    private void resize(int length) {
        @Nullable TopicMessage[] fresh = new @Nullable TopicMessage[Math.max(length, FIRST_SLOTS)];
        for (int i = 0; i < size; i++) {
            fresh[(int) ((taken + i) & (fresh.length - 1))] = slots[slot(i)];
        }
        slots = fresh;
    }
}
