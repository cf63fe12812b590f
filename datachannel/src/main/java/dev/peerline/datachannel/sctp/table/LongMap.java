package dev.peerline.datachannel.sctp.table;

import org.jspecify.annotations.Nullable;

/**
 * A map from long to an object: open addressing, linear probing, deletion by moving back. Not
 * thread-safe.
 *
 * @param <T> the value
 */
public final class LongMap<T> {
    /** Says whether an entry stays. */
    public interface Filter<T> {
        boolean stays(long key, T value);
    }

    private static final int INITIAL_CAPACITY = 16;

    private long[] keys = new long[INITIAL_CAPACITY];
    private @Nullable Object[] values = new Object[INITIAL_CAPACITY];
    private int size;

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public @Nullable T get(long key) {
        return at(find(key));
    }

    /** Adds or replaces. */
    public void put(long key, T value) {
        if (size * 2 >= keys.length) resize(keys.length * 2);
        int index = find(key);
        if (values[index] == null) size++;
        keys[index] = key;
        values[index] = value;
    }

    /** Removes and returns what was there, or null. */
    public @Nullable T remove(long key) {
        int hole = find(key);
        T removed = at(hole);
        if (removed != null) close(hole);
        return removed;
    }

    /** Removes what the filter does not want; it sees each entry at least once. */
    public void retain(Filter<T> filter) {
        int index = 0;
        while (index < keys.length) {
            T value = at(index);
            // After a removal another entry may stand at this index: look again.
            if (value != null && !filter.stays(keys[index], value)) close(index);
            else index++;
        }
    }

    /** Empties a slot and moves up what had been displaced by it. */
    private void close(int hole) {
        int mask = keys.length - 1;
        size--;
        int index = hole;
        while (true) {
            index = (index + 1) & mask;
            if (values[index] == null) break;
            int home = home(keys[index]);
            // Whether the hole lies between the entry's home and the entry, going round.
            if (((index - home) & mask) >= ((index - hole) & mask)) {
                keys[hole] = keys[index];
                values[hole] = values[index];
                hole = index;
            }
        }
        values[hole] = null;
    }

    private int find(long key) {
        int mask = keys.length - 1;
        int index = home(key);
        while (values[index] != null && keys[index] != key) index = (index + 1) & mask;
        return index;
    }

    private int home(long key) {
        long mixed = key * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & (keys.length - 1);
    }

    @SuppressWarnings("unchecked") // only T goes in
    private @Nullable T at(int index) {
        return (T) values[index];
    }

    private void resize(int capacity) {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[capacity];
        values = new Object[capacity];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] == null) continue;
            int index = find(oldKeys[i]);
            keys[index] = oldKeys[i];
            values[index] = oldValues[i];
        }
    }
}
