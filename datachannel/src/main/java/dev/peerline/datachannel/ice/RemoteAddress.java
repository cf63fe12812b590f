package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.function.Consumer;

/** Which addresses of a peer's candidates may be sent to. */
final class RemoteAddress {
    private RemoteAddress() {}

    /**
     * Finds where to send to, at once, later, or never.
     *
     * @param mdns who is asked for names, or null
     */
    static void find(
            IceCandidate candidate, @Nullable MdnsQuery mdns, Consumer<TransportAddress> then) {
        // whoever is active has no address yet: RFC 6544 §4.5 gives it port 9
        boolean waits = candidate.tcpType() != IceCandidate.TcpType.ACTIVE;
        if (candidate.component() != 1 || candidate.port() == 0 || !waits) return;
        InetAddress literal = literal(candidate.address());
        if (literal != null) found(literal, candidate.port(), then);
        else if (mdns != null)
            mdns.resolve(candidate.address(), it -> found(it, candidate.port(), then));
    }

    private static @Nullable InetAddress literal(String address) {
        try {
            return InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException _) {
            return null; // a name
        }
    }

    /** Nothing for what no peer can be at. */
    private static void found(InetAddress address, int port, Consumer<TransportAddress> then) {
        boolean unusable =
                address.isAnyLocalAddress()
                        || address.isMulticastAddress()
                        || address.isLinkLocalAddress();
        if (!unusable) then.accept(TransportAddress.of(address, port));
    }
}
