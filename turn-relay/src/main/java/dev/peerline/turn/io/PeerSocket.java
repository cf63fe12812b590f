package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.NioUdpDriver;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.PeerStream;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection with a peer. Nothing is read of it before a client has come for it: what the
 * peer sends waits in the system. Not thread-safe: its loop's.
 */
final class PeerSocket implements PeerStream, StreamTransport.Reader {
    private final SocketTransport transport;
    private @Nullable StreamConnection client;

    PeerSocket(StreamLoop loop, SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        transport = new SocketTransport(loop, channel, this);
        transport.reading(false);
    }

    /** Connects, and tells the server how that went. */
    static void connect(
            StreamLoop loop,
            TransportAddress local,
            TransportAddress peer,
            PeerConnection connection) {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(TcpRelayPort.family(peer));
            channel.configureBlocking(false);
            TcpRelayPort.share(channel);
            channel.bind(local.inetSocketAddress());
            SocketChannel connecting = channel;
            if (channel.connect(peer.inetSocketAddress())) {
                loop.server().connected(connection, new PeerSocket(loop, channel));
                return;
            }
            NioUdpDriver.NioTask ready = key -> finish(loop, connecting, connection);
            channel.register(loop.selector(), SelectionKey.OP_CONNECT, ready);
        } catch (IOException e) {
            StreamLoop.close(channel);
            loop.server().connected(connection, null);
        }
    }

    private static void finish(StreamLoop loop, SocketChannel channel, PeerConnection connection) {
        loop.time();
        PeerSocket made = null;
        try {
            channel.finishConnect();
            made = new PeerSocket(loop, channel);
        } catch (IOException e) {
            StreamLoop.close(channel);
        }
        loop.server().connected(connection, made);
    }

    /** From now on what is read goes there. */
    void join(StreamConnection to) {
        client = to;
        transport.reading(true);
    }

    StreamTransport transport() {
        return transport;
    }

    @Override
    public void received(ByteBuffer wire) {
        StreamConnection to = client;
        if (to != null) to.fromPeer(wire);
    }

    @Override
    public void drained() {
        StreamConnection to = client;
        if (to != null) to.peerDrained();
    }

    @Override
    public void ended() {
        StreamConnection to = client;
        transport.close();
        if (to != null) to.peerEnded();
    }

    /** What the client has sent is still sent on; the client's connection ends with this one. */
    @Override
    public void close() {
        transport.finish();
        StreamConnection to = client;
        client = null;
        if (to != null) to.peerEnded();
    }
}
