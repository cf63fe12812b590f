package dev.peerline.datachannel.ice.turn;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The peers of an allocation: who may send to it, and by which channel. */
final class Peers {
    /** RFC 8656 §12: 0x4000 to 0x4fff. */
    static final int FIRST_CHANNEL = 0x4000;

    /** Of a peer's candidates no more are checked; the rest are refused. */
    static final int MAX_PEERS = 128;

    private final Map<TransportAddress, Peer> byAddress = new HashMap<>();
    private final Map<Integer, Peer> byChannel = new HashMap<>();

    /** What is known of one address. */
    static final class Peer {
        /** Packets that wait for the permission. */
        static final int MAX_HELD = 4;

        final TransportAddress address;
        final int channel;
        final ArrayDeque<byte[]> held = new ArrayDeque<>();
        boolean permitted;
        boolean bound;
        boolean binding;
        boolean refused;

        /** When its permission, and its channel, have to be renewed; at once for new ones. */
        long renewAtNanos;

        long usedNanos;

        Peer(TransportAddress address, int channel) {
            this.address = address;
            this.channel = channel;
        }
    }

    /** The peer at this address, made if it is new; null when there are too many. */
    @Nullable Peer at(TransportAddress address) {
        Peer peer = byAddress.get(address);
        if (peer != null || byAddress.size() == MAX_PEERS) return peer;
        peer = new Peer(address, FIRST_CHANNEL + byAddress.size());
        byAddress.put(address, peer);
        byChannel.put(peer.channel, peer);
        return peer;
    }

    @Nullable Peer byChannel(int channel) {
        return byChannel.get(channel);
    }

    Collection<Peer> all() {
        return byAddress.values();
    }
}
