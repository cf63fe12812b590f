package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.policy.OwnAddresses;

import org.jspecify.annotations.Nullable;

/** Whether a client may have a peer: by its address once, by its port with each packet. */
final class PeerCheck {
    private final LoopState loop;

    PeerCheck(LoopState loop) {
        this.loop = loop;
    }

    /**
     * The rule that forbids a permission for this address, or null.
     *
     * @param family 4 or 6, as the client wrote it
     * @param client who asks
     */
    @Nullable String forbids(int family, MutableAddress peer, Client client) {
        OwnAddresses own = loop.shared.own();
        boolean plain = family == 4 || !peer.isIpv4();
        // Which ports of it are good is seen with each packet
        if (plain && own.isRelayAddress(peer.high(), peer.low())) return null;
        boolean local = plain && own.isOwn(peer.high(), peer.low());
        if (local && allowsLocal(client, peer.high(), peer.low())) return null;
        String rule = loop.settings().policy().forbids(family, peer.high(), peer.low());
        if (rule != null) return rule;
        boolean allowed = loop.settings().policy().allows(peer.high(), peer.low());
        return !allowed && own.isOwn(peer.high(), peer.low()) ? "own-address" : null;
    }

    boolean isOwn(MutableAddress peer) {
        return loop.shared.own().isOwn(peer.high(), peer.low());
    }

    boolean isListener(MutableAddress peer) {
        return loop.shared.own().isListener(peer.high(), peer.low(), peer.port());
    }

    private boolean allowsLocal(Client client, long high, long low) {
        // Nobody else reaches loopback, whatever address of this machine he comes from
        boolean here = client.remote().isLoopback() || client.local().isLoopback();
        return here && loop.settings().policy().allowsLocal(high, low);
    }

    /**
     * For peers on this machine: a live relayed address, or an allowed port that is no listener.
     */
    boolean mayReachOwn(Client client, long high, long low, int port) {
        OwnAddresses own = loop.shared.own();
        if (own.isLive(high, low, port)) return true;
        boolean allowed =
                loop.settings().policy().allows(high, low) || allowsLocal(client, high, low);
        return allowed && !own.isListener(high, low, port);
    }
}
