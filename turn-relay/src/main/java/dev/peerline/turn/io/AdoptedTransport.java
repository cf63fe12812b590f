package dev.peerline.turn.io;

import dev.peerline.turn.StreamInlet;
import dev.peerline.turn.StreamOutlet;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection that somebody else accepted and reads. What comes from there crosses to the loop's
 * thread as a copy; so many bytes may be on the way at once.
 */
final class AdoptedTransport implements StreamTransport, StreamInlet {
    private static final int MAX_INBOUND_BYTES = 256 * 1024;

    private final StreamLoop loop;
    private final StreamOutlet outlet;
    private final AtomicInteger inboundBytes = new AtomicInteger();
    private @Nullable Reader reader;
    private boolean closed;

    AdoptedTransport(StreamLoop loop, StreamOutlet outlet) {
        this.loop = loop;
        this.outlet = outlet;
    }

    void reader(Reader newReader) {
        reader = newReader;
    }

    @Override
    public boolean received(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (inboundBytes.addAndGet(count) > MAX_INBOUND_BYTES) return false;
        ByteBuffer copy = ByteBuffer.allocate(count).put(bytes).flip();
        loop.execute(
                () -> {
                    inboundBytes.addAndGet(-count);
                    deliver(copy);
                });
        return true;
    }

    private void deliver(ByteBuffer wire) {
        Reader to = reader;
        if (to == null || closed) return;
        loop.time();
        try {
            to.received(wire);
        } catch (IOException e) {
            to.ended();
        }
    }

    @Override
    public void ended() {
        loop.execute(
                () -> {
                    Reader to = reader;
                    if (to != null && !closed) to.ended();
                });
    }

    @Override
    public void write(ByteBuffer wire) {
        outlet.write(wire);
    }

    @Override
    public int queuedBytes() {
        return outlet.queuedBytes();
    }

    @Override
    public void reading(boolean on) {
        outlet.reading(on);
    }

    @Override
    public void finish() {
        close(); // its owner sends what he has
    }

    @Override
    public void drained() {
        loop.execute(
                () -> {
                    Reader to = reader;
                    if (to != null && !closed) to.drained();
                });
    }

    @Override
    public void close() {
        closed = true;
        outlet.close();
    }
}
