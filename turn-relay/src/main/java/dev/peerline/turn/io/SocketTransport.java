package dev.peerline.turn.io;

import dev.peerline.net.udp.NioUdpDriver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A socket of the loop's own selector. */
final class SocketTransport implements StreamTransport, NioUdpDriver.NioTask {
    private final StreamLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Reader reader;
    private ByteBuffer output = ByteBuffer.allocate(0);
    private boolean reading = true;
    private boolean finishing;

    SocketTransport(StreamLoop loop, SocketChannel channel, Reader reader) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.reader = reader;
        key = channel.register(loop.selector(), SelectionKey.OP_READ, this);
    }

    @Override
    public void ready(SelectionKey ready) {
        loop.time();
        try {
            if (ready.isWritable()) flush();
            if (ready.isValid() && ready.isReadable()) read();
        } catch (IOException e) {
            if (finishing) close();
            else reader.ended();
        }
    }

    private void read() throws IOException {
        ByteBuffer wire = loop.readBuffer().clear();
        int count = channel.read(wire);
        if (finishing) {
            if (count < 0) close();
        } else if (count < 0) reader.ended();
        else reader.received(wire.flip());
    }

    @Override
    public void write(ByteBuffer wire) throws IOException {
        if (output.position() == 0) channel.write(wire);
        if (!wire.hasRemaining()) return;
        if (output.remaining() < wire.remaining()) {
            int size = Math.max(2 * output.capacity(), output.position() + wire.remaining());
            output = ByteBuffer.allocate(size).put(output.flip());
        }
        output.put(wire);
        interest();
    }

    private void flush() throws IOException {
        output.flip();
        channel.write(output);
        output.compact();
        if (output.position() > 0) return;
        output = ByteBuffer.allocate(0);
        interest();
        if (finishing) close();
        else reader.drained();
    }

    @Override
    public int queuedBytes() {
        return output.position();
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        interest();
    }

    private void interest() {
        if (!key.isValid()) return;
        int write = output.position() > 0 ? SelectionKey.OP_WRITE : 0;
        key.interestOps(write | (reading ? SelectionKey.OP_READ : 0));
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void finish() {
        if (output.position() == 0 || !channel.isOpen()) {
            close();
            return;
        }
        finishing = true;
        reading(false);
        loop.closeLater(this);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
