package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.RelayPort;

/** A relay port that is a UDP socket. */
final class UdpRelayPort extends RelayPort {
    final UdpSocket socket;

    UdpRelayPort(UdpSocket socket, TransportAddress relayed) {
        super(socket.localAddress(), relayed);
        this.socket = socket;
        socket.owner(this);
    }

    @Override
    public void close() {
        socket.close();
    }
}
