package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/** Which addresses of a peer's candidates may be sent to. */
final class RemoteAddress {
    private RemoteAddress() {}

    /** The address of a candidate that has a usable IP address, or null. */
    static @Nullable TransportAddress literal(IceCandidate candidate) {
        try {
            return usable(InetAddress.ofLiteral(candidate.address()), candidate.port());
        } catch (IllegalArgumentException _) {
            return null; // a name
        }
    }

    /** Null for what no peer can be at. */
    static @Nullable TransportAddress usable(InetAddress address, int port) {
        boolean unusable =
                address.isAnyLocalAddress()
                        || address.isMulticastAddress()
                        || address.isLinkLocalAddress();
        return unusable ? null : TransportAddress.of(address, port);
    }
}
