package dev.peerline.turn.io;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;

/** A client that sends datagrams to a listener. */
final class UdpClient implements Client {
    private final UdpSocket listener;
    private final TransportAddress remote;
    private final TransportAddress local;
    private final MutableAddress to = new MutableAddress();
    private final MutableAddress from = new MutableAddress();

    UdpClient(UdpSocket listener, TransportAddress remote, TransportAddress local) {
        this.listener = listener;
        this.remote = remote;
        this.local = local;
        to.set(remote);
        boolean wildcard = listener.localAddress().withPort(0).inetAddress().isAnyLocalAddress();
        if (wildcard) from.set(local);
    }

    void send(UdpDatagram datagram) {
        listener.send(datagram, to, from);
    }

    @Override
    public TransportAddress remote() {
        return remote;
    }

    @Override
    public TransportAddress local() {
        return local;
    }

    @Override
    public boolean isReliable() {
        return false;
    }
}
