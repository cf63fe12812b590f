package dev.peerline.turn.allocation;

import dev.peerline.net.TransportAddress;

import java.util.Arrays;

/**
 * Channel numbers bound to peers (RFC 8656 §12). Few, as with {@link Permissions}; found by number
 * on the way up and by address on the way down. Not thread-safe.
 */
public final class Channels {
    /** RFC 8656 §12 ends at 0x4FFF, RFC 5766 at 0x7FFE: clients of the latter are still about. */
    public static final int FIRST = 0x4000;

    public static final int LAST = 0x7ffe;

    /** RFC 8656 §12: 10 minutes. */
    public static final long LIFETIME_NANOS = 600_000_000_000L;

    private static final int NONE = -1;

    private int[] numbers = {};
    private long[] highs = {};
    private long[] lows = {};
    private int[] ports = {};
    private boolean[] own = {};
    private long[] expiries = {};
    private int count;
    private int last;

    /** Where the channel of this number is, or -1. */
    public int byNumber(int number, long nowNanos) {
        int index = last < count && numbers[last] == number ? last : findNumber(number);
        return index >= 0 && expiries[index] - nowNanos > 0 ? index : NONE;
    }

    /** Where the channel to this peer is, or -1. */
    public int byPeer(long high, long low, int port, long nowNanos) {
        int index =
                last < count && isPeer(last, high, low, port) ? last : findPeer(high, low, port);
        return index >= 0 && expiries[index] - nowNanos > 0 ? index : NONE;
    }

    private boolean isPeer(int index, long high, long low, int port) {
        return lows[index] == low && ports[index] == port && highs[index] == high;
    }

    private int findNumber(int number) {
        for (int i = 0; i < count; i++) {
            if (numbers[i] == number) {
                last = i;
                return i;
            }
        }
        return NONE;
    }

    private int findPeer(long high, long low, int port) {
        for (int i = 0; i < count; i++) {
            if (isPeer(i, high, low, port)) {
                last = i;
                return i;
            }
        }
        return NONE;
    }

    public int number(int index) {
        return numbers[index];
    }

    public long high(int index) {
        return highs[index];
    }

    public long low(int index) {
        return lows[index];
    }

    public int port(int index) {
        return ports[index];
    }

    /** Whether the peer has an address of this machine, so that its port must be looked at. */
    public boolean isOwn(int index) {
        return own[index];
    }

    /** What {@link #bind} answers. */
    public enum Bound {
        YES,
        /** The number has another peer, or the peer another number. */
        MISMATCH,
        TOO_MANY
    }

    /** Binds or refreshes (RFC 8656 §12.2). */
    public Bound bind(int number, TransportAddress peer, boolean isOwn, int limit, long nowNanos) {
        dropExpired(nowNanos);
        int index = findNumber(number);
        int other = findPeer(peer.high(), peer.low(), peer.port());
        if (index != other) return Bound.MISMATCH;
        if (index < 0) {
            if (count >= limit) return Bound.TOO_MANY;
            if (count == numbers.length) grow();
            index = count++;
            numbers[index] = number;
            highs[index] = peer.high();
            lows[index] = peer.low();
            ports[index] = peer.port();
        }
        own[index] = isOwn;
        expiries[index] = nowNanos + LIFETIME_NANOS;
        return Bound.YES;
    }

    private void grow() {
        int room = Math.max(1, 2 * count);
        numbers = Arrays.copyOf(numbers, room);
        highs = Arrays.copyOf(highs, room);
        lows = Arrays.copyOf(lows, room);
        ports = Arrays.copyOf(ports, room);
        own = Arrays.copyOf(own, room);
        expiries = Arrays.copyOf(expiries, room);
    }

    public void dropExpired(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (expiries[i] - nowNanos <= 0) continue;
            numbers[kept] = numbers[i];
            highs[kept] = highs[i];
            lows[kept] = lows[i];
            ports[kept] = ports[i];
            own[kept] = own[i];
            expiries[kept++] = expiries[i];
        }
        count = kept;
    }

    public int count() {
        return count;
    }
}
