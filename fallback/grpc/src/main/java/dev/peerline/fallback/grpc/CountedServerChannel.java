package dev.peerline.fallback.grpc;

import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Listens, and closes one connection too many before a byte of it is read. */
final class CountedServerChannel extends NioServerSocketChannel {
    private final ConnectionCount count;

    CountedServerChannel(ConnectionCount count) {
        this.count = count;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws IOException {
        SocketChannel socket = javaChannel().accept();
        if (socket == null) return 0;
        InetAddress peer = ((InetSocketAddress) socket.getRemoteAddress()).getAddress();
        if (!count.open(peer)) {
            socket.close();
            return 0;
        }
        NioSocketChannel channel = new NioSocketChannel(this, socket);
        var _ = channel.closeFuture().addListener(_ -> count.close(peer));
        accepted.add(channel);
        return 1;
    }
}
