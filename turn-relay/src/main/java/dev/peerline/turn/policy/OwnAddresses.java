package dev.peerline.turn.policy;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * This machine as a peer. Of its addresses only two kinds of ports are ever reached: relayed
 * addresses that are alive (two clients of one relay talk through both), and, where the operator
 * allows the address, ports that are not our listeners. Shared by all loops; thread-safe: what
 * changes are bits and, rarely, whole arrays.
 *
 * <p>Also where relay ports are taken from, so that loops do not compete for one port. Asked with
 * each packet between two clients of ours, so it makes no objects there.
 */
public final class OwnAddresses {
    private static final int PORTS = 1 << 16;

    /** A relay address: what is bound, what clients are told, and the ports taken, a bit each. */
    private record Relay(
            TransportAddress local, TransportAddress announced, AtomicIntegerArray taken) {
        boolean is(long high, long low) {
            return (local.low() == low && local.high() == high)
                    || (announced.low() == low && announced.high() == high);
        }

        boolean isTaken(int port) {
            return (taken.get(port >>> 5) >>> (port & 31) & 1) != 0;
        }
    }

    private volatile Relay[] relays = {};
    private volatile TransportAddress[] listeners = {};
    private volatile TransportAddress[] machine = {};

    /** Registers an address that relay ports are bound to, and the one that clients are told. */
    public synchronized void relayAddress(TransportAddress local, TransportAddress announced) {
        AtomicIntegerArray taken = new AtomicIntegerArray(PORTS / 32);
        List<Relay> next = new ArrayList<>();
        for (Relay relay : relays) {
            if (relay.local.sameAddress(local)) taken = relay.taken;
            else next.add(relay);
        }
        next.add(new Relay(local.withPort(0), announced.withPort(0), taken));
        relays = next.toArray(Relay[]::new);
    }

    /** Registers a listener; a wildcard stands for its port on all addresses of this machine. */
    public synchronized void listener(TransportAddress address) {
        TransportAddress[] next = Arrays.copyOf(listeners, listeners.length + 1);
        next[next.length - 1] = address;
        listeners = next;
    }

    /** Sets the addresses of this machine's interfaces. */
    public void machine(Collection<TransportAddress> addresses) {
        machine = addresses.toArray(TransportAddress[]::new);
    }

    /** Whether this is an address of ours, on any port; all of 127.0.0.0/8 is. */
    public boolean isOwn(long high, long low) {
        if (TransportAddress.isLoopback(high, low) || isRelayAddress(high, low)) return true;
        for (TransportAddress address : machine) {
            if (address.low() == low && address.high() == high) return true;
        }
        return false;
    }

    private @Nullable Relay find(long high, long low) {
        for (Relay relay : relays) if (relay.is(high, low)) return relay;
        return null;
    }

    /** Whether relay ports are bound to this address, or announced as it. */
    public boolean isRelayAddress(long high, long low) {
        return find(high, low) != null;
    }

    /** Takes a relay port for the caller; false if it is taken. */
    public boolean takePort(TransportAddress local) {
        Relay relay = find(local.high(), local.low());
        if (relay == null) throw new IllegalArgumentException("local: no relay address: " + local);
        int bit = 1 << (local.port() & 31);
        int word = local.port() >>> 5;
        return (relay.taken.getAndAccumulate(word, bit, (old, it) -> old | it) & bit) == 0;
    }

    public void releasePort(TransportAddress local) {
        Relay relay = find(local.high(), local.low());
        if (relay == null) return;
        int bit = 1 << (local.port() & 31);
        relay.taken.getAndAccumulate(local.port() >>> 5, bit, (old, it) -> old & ~it);
    }

    /** Whether this is a relayed address in use, as bound or as announced. */
    public boolean isLive(long high, long low, int port) {
        Relay relay = find(high, low);
        return relay != null && relay.isTaken(port);
    }

    /** Whether one of our listeners is there. */
    public boolean isListener(long high, long low, int port) {
        for (TransportAddress listener : listeners) {
            if (listener.port() != port) continue;
            if (listener.low() == low && listener.high() == high) return true;
            boolean wildcard =
                    listener.high() == 0
                            && (listener.low() == 0
                                    || listener.low() == TransportAddress.ipv4Low(0));
            if (wildcard && isOwn(high, low)) return true;
        }
        return false;
    }

    /** Replaces an announced address by the one that is bound, so that the packet stays inside. */
    public void toLocal(MutableAddress address) {
        Relay relay = find(address.high(), address.low());
        if (relay != null && relay.isTaken(address.port())) {
            address.set(relay.local.high(), relay.local.low(), address.port());
        }
    }

    /** The reverse: how a packet's sender among our relay ports is known to clients. */
    public void toAnnounced(MutableAddress address) {
        Relay relay = find(address.high(), address.low());
        if (relay != null && relay.isTaken(address.port())) {
            address.set(relay.announced.high(), relay.announced.low(), address.port());
        }
    }
}
