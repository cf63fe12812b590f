package dev.peerline.turn.server;

import dev.peerline.net.TransportAddress;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.policy.PeerPolicy;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What the handlers go by. Immutable; a reload replaces it whole, and allocations stay.
 *
 * @param relays addresses to bind relay ports to
 * @param firstPort of the relay ports, inclusive as the last
 * @param dontFragment whether the driver can set DF
 * @param alternateServer where new clients are sent instead (RFC 8489 §10), or null
 * @param draining whether new allocations are refused
 */
public record Settings(
        String realm,
        Credentials credentials,
        PeerPolicy policy,
        Limits limits,
        List<Relay> relays,
        int firstPort,
        int lastPort,
        boolean dontFragment,
        @Nullable TransportAddress alternateServer,
        boolean draining) {
    /**
     * An address for relay ports.
     *
     * @param local what is bound
     * @param announced what clients and peers are told; the same unless there is a NAT
     */
    public record Relay(TransportAddress local, TransportAddress announced) {}

    /** The relay address of this family that suits a client: the one it talks to, or the first. */
    @Nullable Relay relay(boolean ipv4, TransportAddress clientLocal) {
        Relay first = null;
        for (Relay relay : relays) {
            if (relay.local.isIpv4() != ipv4) continue;
            if (relay.local.sameAddress(clientLocal)) return relay;
            if (first == null) first = relay;
        }
        return first;
    }
}
