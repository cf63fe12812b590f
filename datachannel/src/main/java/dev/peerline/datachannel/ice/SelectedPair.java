package dev.peerline.datachannel.ice;

import java.net.InetSocketAddress;

/**
 * The path that packets take.
 *
 * @param local what kind our end is; {@link IceCandidate.Kind#RELAY} goes through a TURN server
 * @param localAddress ours: of the socket, or the relayed one
 * @param remote what kind the peer's end is
 * @param relayProtocol how our relay is reached, {@code "udp"}, {@code "tcp"} or {@code "tls"};
 *     empty when our end is no relay
 * @param protocol between our end, or its relay, and the peer's
 */
public record SelectedPair(
        IceCandidate.Kind local,
        InetSocketAddress localAddress,
        IceCandidate.Kind remote,
        InetSocketAddress remoteAddress,
        String relayProtocol,
        IceCandidate.Protocol protocol) {}
