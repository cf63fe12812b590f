package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.NioUdpDriver;
import dev.peerline.turn.allocation.RelayPort;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A relay port that listens for peers by TCP, and from which they are connected to. */
final class TcpRelayPort extends RelayPort implements NioUdpDriver.NioTask {
    /** Peers whose connection waits to be accepted. */
    private static final int BACKLOG = 32;

    private final StreamLoop loop;
    private final ServerSocketChannel listener;

    TcpRelayPort(StreamLoop loop, TransportAddress local, TransportAddress relayed)
            throws IOException {
        super(local, relayed);
        this.loop = loop;
        listener = ServerSocketChannel.open(family(local));
        try {
            listener.configureBlocking(false);
            share(listener);
            listener.bind(local.inetSocketAddress(), BACKLOG);
            listener.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    static StandardProtocolFamily family(TransportAddress address) {
        return address.isIpv4() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    /** The listener and connections to peers have one port between them. */
    static void share(NetworkChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT))
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    @Override
    public boolean isTcp() {
        return true;
    }

    @Override
    public void ready(SelectionKey key) {
        loop.time();
        try {
            for (int i = 0; i < BACKLOG; i++) {
                SocketChannel channel = listener.accept();
                if (channel == null) return;
                accepted(channel);
            }
        } catch (IOException e) {
            // out of descriptors, or gone before it was accepted
        }
    }

    private void accepted(SocketChannel channel) throws IOException {
        try {
            TransportAddress from =
                    TransportAddress.of((InetSocketAddress) channel.getRemoteAddress());
            loop.server().accepted(this, from, new PeerSocket(loop, channel));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            // the port is only free once the selector has let go of the key
            loop.selector().selectNow(key -> {});
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
