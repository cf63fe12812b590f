package dev.peerline.turn.allocation;

import java.util.Arrays;

/**
 * The peers' IP addresses that may send to a client (RFC 8656 §9). Few, so they lie in arrays and
 * are searched from the one that was found last. Not thread-safe.
 */
public final class Permissions {
    /** RFC 8656 §9: 5 minutes. */
    public static final long LIFETIME_NANOS = 300_000_000_000L;

    private long[] highs = new long[1];
    private long[] lows = new long[1];
    private long[] expiries = new long[1];
    private boolean[] own = new boolean[1];
    private int count;
    private int last;

    public boolean permits(long high, long low, long nowNanos) {
        int index = find(high, low);
        return index >= 0 && expiries[index] - nowNanos > 0;
    }

    /** Of the address last asked for: whether it is this machine's, so that its port matters. */
    public boolean lastIsOwn() {
        return own[last];
    }

    private int find(long high, long low) {
        if (last < count && lows[last] == low && highs[last] == high) return last;
        for (int i = 0; i < count; i++) {
            if (lows[i] == low && highs[i] == high) {
                last = i;
                return i;
            }
        }
        return -1;
    }

    /**
     * Installs or refreshes.
     *
     * @param isOwn whether it is an address of this machine
     * @param limit the most that may be alive
     * @return false if there are as many already
     */
    public boolean install(long high, long low, boolean isOwn, int limit, long nowNanos) {
        int index = find(high, low);
        if (index < 0) {
            if (count >= limit) dropExpired(nowNanos);
            if (count >= limit) return false;
            if (count == lows.length) grow();
            index = count++;
            highs[index] = high;
            lows[index] = low;
        }
        own[index] = isOwn;
        expiries[index] = nowNanos + LIFETIME_NANOS;
        return true;
    }

    private void grow() {
        int room = 2 * count;
        highs = Arrays.copyOf(highs, room);
        lows = Arrays.copyOf(lows, room);
        expiries = Arrays.copyOf(expiries, room);
        own = Arrays.copyOf(own, room);
    }

    public void dropExpired(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (expiries[i] - nowNanos <= 0) continue;
            highs[kept] = highs[i];
            lows[kept] = lows[i];
            own[kept] = own[i];
            expiries[kept++] = expiries[i];
        }
        count = kept;
    }

    public int count() {
        return count;
    }
}
