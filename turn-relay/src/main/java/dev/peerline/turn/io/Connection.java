package dev.peerline.turn.io;

import dev.peerline.net.udp.UdpDatagram;

/** A client's connection, as the handlers see it. */
interface Connection {
    void send(UdpDatagram datagram);
}
