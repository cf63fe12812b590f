package dev.peerline.turn.server;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/**
 * The four listeners that NAT behaviour discovery takes (RFC 5780 §3): two addresses, each with the
 * same two ports.
 *
 * @param one an address, with the usual port
 * @param other another of the same family, with the same port
 * @param alternatePort the second port of both
 */
public record Discovery(TransportAddress one, TransportAddress other, int alternatePort) {
    /** RFC 5780 §7.2, in CHANGE-REQUEST. */
    static final int CHANGE_IP = 4;

    static final int CHANGE_PORT = 2;

    public Discovery {
        boolean good =
                one.isIpv4() == other.isIpv4()
                        && !one.sameAddress(other)
                        && one.port() == other.port()
                        && one.port() != alternatePort;
        if (!good) {
            throw new IllegalArgumentException(
                    "discovery: two addresses of one family, two ports: %s %s %d"
                            .formatted(one, other, alternatePort));
        }
    }

    /**
     * The listener that answers.
     *
     * @param local where the request came to
     * @param flags of CHANGE-REQUEST
     * @return null if the request came to none of the four
     */
    @Nullable TransportAddress answering(TransportAddress local, int flags) {
        boolean atOne = local.sameAddress(one);
        boolean known =
                (atOne || local.sameAddress(other))
                        && (local.port() == one.port() || local.port() == alternatePort);
        if (!known) return null;
        TransportAddress address = atOne == ((flags & CHANGE_IP) == 0) ? one : other;
        boolean usual = (local.port() == one.port()) == ((flags & CHANGE_PORT) == 0);
        return address.withPort(usual ? one.port() : alternatePort);
    }
}
