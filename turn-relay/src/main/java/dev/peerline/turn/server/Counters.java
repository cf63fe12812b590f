package dev.peerline.turn.server;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters that one thread writes and any thread reads. */
@SuppressWarnings("EnumOrdinal") // an index into memory, never stored
public final class Counters {
    private final AtomicLongArray values = new AtomicLongArray(Counter.values().length);

    public void increment(Counter counter) {
        add(counter, 1);
    }

    public void add(Counter counter, long amount) {
        int index = counter.ordinal();
        values.setOpaque(index, values.getPlain(index) + amount);
    }

    public long value(Counter counter) {
        return values.getOpaque(counter.ordinal());
    }
}
