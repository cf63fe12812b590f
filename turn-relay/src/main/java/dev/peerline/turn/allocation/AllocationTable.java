package dev.peerline.turn.allocation;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/**
 * Allocations of UDP clients by 5-tuple: open addressing, searched with what a packet holds. The
 * hash is keyed: nobody can make addresses that collide. Not thread-safe.
 */
public final class AllocationTable {
    private final long seed;
    private @Nullable Allocation[] slots = new Allocation[64];
    private int count;

    public AllocationTable(long seed) {
        this.seed = seed;
    }

    public int count() {
        return count;
    }

    private int home(long high, long low, int port, int localPort) {
        long hash = (low ^ seed) * 0x9e3779b97f4a7c15L;
        hash = (hash ^ hash >>> 29 ^ high) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 32 ^ ((long) port << 16 | localPort)) * 0x94d049bb133111ebL;
        return (int) (hash >>> 33) & slots.length - 1;
    }

    private static boolean same(TransportAddress a, MutableAddress b) {
        return a.low() == b.low() && a.port() == b.port() && a.high() == b.high();
    }

    /**
     * The allocation of this 5-tuple, or null.
     *
     * @param local with the port of the listener
     */
    public @Nullable Allocation find(MutableAddress remote, MutableAddress local) {
        int mask = slots.length - 1;
        int at = home(remote.high(), remote.low(), remote.port(), local.port());
        while (true) {
            Allocation candidate = slots[at];
            if (candidate == null) return null;
            Client client = candidate.client();
            if (same(client.remote(), remote) && same(client.local(), local)) return candidate;
            at = at + 1 & mask;
        }
    }

    public void add(Allocation allocation) {
        if (2 * (count + 1) > slots.length) grow();
        insert(allocation);
        count++;
    }

    private int home(Allocation allocation) {
        TransportAddress remote = allocation.client().remote();
        int localPort = allocation.client().local().port();
        return home(remote.high(), remote.low(), remote.port(), localPort);
    }

    private void insert(Allocation allocation) {
        int mask = slots.length - 1;
        int at = home(allocation);
        while (slots[at] != null) at = at + 1 & mask;
        slots[at] = allocation;
    }

    private void grow() {
        @Nullable Allocation[] old = slots;
        slots = new Allocation[2 * old.length];
        for (Allocation allocation : old) if (allocation != null) insert(allocation);
    }

    /** Removes it and closes the gap, so that no tombstones pile up. */
    public void remove(Allocation allocation) {
        int mask = slots.length - 1;
        int at = home(allocation);
        while (slots[at] != allocation) {
            if (slots[at] == null) return;
            at = at + 1 & mask;
        }
        count--;
        int hole = at;
        while (true) {
            slots[hole] = null;
            Allocation next;
            do {
                at = at + 1 & mask;
                next = slots[at];
                if (next == null) return;
            } while (between(hole, home(next), at));
            slots[hole] = next;
            hole = at;
        }
    }

    /**
     * Whether {@code home} lies cyclically in ({@code hole}, {@code at}]: then it must stay there.
     */
    private static boolean between(int hole, int home, int at) {
        return hole <= at ? hole < home && home <= at : hole < home || home <= at;
    }
}
