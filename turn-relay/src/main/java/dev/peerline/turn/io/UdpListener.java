package dev.peerline.turn.io;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.server.TurnServer;

/** A listening socket, and the sender of what was just received on it. */
final class UdpListener implements TurnServer.Sender {
    private final UdpSocket socket;
    private final MutableAddress remote = new MutableAddress();
    private final MutableAddress local = new MutableAddress();

    UdpListener(UdpSocket socket) {
        this.socket = socket;
        local.set(socket.localAddress());
        socket.owner(this);
    }

    void from(UdpReceived run) {
        remote.set(run.source());
        long high = run.local().high();
        long low = run.local().low();
        if ((high | low) != 0) local.set(high, low, socket.localAddress().port());
    }

    @Override
    public MutableAddress remote() {
        return remote;
    }

    @Override
    public MutableAddress local() {
        return local;
    }

    @Override
    public Client toClient() {
        return new UdpClient(socket, remote.toAddress(), local.toAddress());
    }
}
