package dev.peerline.fallback.grpc.client;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what it reads from its socket. */
final class CountedChannel extends NioSocketChannel {
    private final AtomicLong bytesIn;

    CountedChannel(AtomicLong bytesIn) {
        this.bytesIn = bytesIn;
    }

    @Override
    protected int doReadBytes(ByteBuf into) throws Exception {
        int count = super.doReadBytes(into);
        if (count > 0) bytesIn.addAndGet(count);
        return count;
    }
}
