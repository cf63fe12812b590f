package dev.peerline.fallback.grpc.client;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelOutboundBuffer;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what it reads from its socket, and what it writes there. */
final class CountedChannel extends NioSocketChannel {
    private final AtomicLong bytesIn;
    private final AtomicLong bytesOut;

    CountedChannel(AtomicLong bytesIn, AtomicLong bytesOut) {
        this.bytesIn = bytesIn;
        this.bytesOut = bytesOut;
    }

    @Override
    protected int doReadBytes(ByteBuf into) throws Exception {
        int count = super.doReadBytes(into);
        if (count > 0) bytesIn.addAndGet(count);
        return count;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        long before = flushed(out);
        super.doWrite(out);
        bytesOut.addAndGet(before - flushed(out));
    }

    /** What waits to be written. */
    private static long flushed(ChannelOutboundBuffer out) throws Exception {
        long[] bytes = {0};
        out.forEachFlushedMessage(
                message -> {
                    if (message instanceof ByteBuf part) bytes[0] += part.readableBytes();
                    return true;
                });
        return bytes[0];
    }
}
