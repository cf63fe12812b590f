package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.NioUdpDriver;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.server.StreamClient;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A TCP or TLS client. Reads whole messages, and bounds what it holds: small messages before an
 * allocation, and a limited backlog towards a client that does not read (relayed data is then
 * dropped, as UDP would; an answer that does not fit ends the connection). Not thread-safe: its
 * loop's.
 */
final class StreamConnection implements StreamClient, Connection, NioUdpDriver.NioTask {
    /** Requests of strangers are small. */
    private static final int STRANGER_FRAME_BYTES = 2048;

    /** What the driver's scratch room takes; lengths that say more are nobody's. */
    private static final int MAX_FRAME_BYTES = UdpDriver.MAX_SCRATCH_BYTES;

    private static final int FIRST_BUFFER_BYTES = 2048;
    private static final int BACKLOG_BYTES = 256 * 1024;

    private final StreamLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final TransportAddress remote;
    private final TransportAddress local;
    private final @Nullable TlsFilter tls;
    private ByteBuffer input = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
    private ByteBuffer output = ByteBuffer.allocate(0);
    private @Nullable Allocation allocation;
    private boolean closed;
    final long openedNanos;

    StreamConnection(
            StreamLoop loop,
            SocketChannel channel,
            TransportAddress local,
            @Nullable TlsFilter tls,
            long nowNanos)
            throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.local = local;
        this.tls = tls;
        openedNanos = nowNanos;
        remote = TransportAddress.of((java.net.InetSocketAddress) channel.getRemoteAddress());
        key = channel.register(loop.selector(), SelectionKey.OP_READ, this);
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
    public @Nullable Allocation allocation() {
        return allocation;
    }

    @Override
    public void allocation(@Nullable Allocation newAllocation) {
        allocation = newAllocation;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void ready(SelectionKey ready) {
        loop.time();
        try {
            if (ready.isWritable()) flush();
            if (!closed && ready.isReadable()) read();
        } catch (IOException e) {
            close();
        }
    }

    private void read() throws IOException {
        int room = loop.readBuffer().capacity();
        ByteBuffer wire = loop.readBuffer().clear().limit(room);
        int count = channel.read(wire);
        if (count < 0) {
            close();
            return;
        }
        wire.flip();
        if (tls == null) append(wire);
        else tls.received(wire, this::append, this::write);
        if (tls != null && tls.isOver()) close();
    }

    /** Called when a TLS task that ran elsewhere is done. */
    void resume() {
        if (closed || tls == null) return;
        loop.time();
        try {
            tls.resume(this::append, this::write);
            if (tls.isOver()) close();
        } catch (IOException e) {
            close();
        }
    }

    private void append(ByteBuffer plain) {
        if (closed) return;
        ensureInput(plain.remaining());
        input.put(plain).flip();
        while (!closed) {
            int frame = StreamFramer.frameBytes(input);
            int limit = allocation == null ? STRANGER_FRAME_BYTES : MAX_FRAME_BYTES;
            if (frame == StreamFramer.BROKEN || frame > limit) {
                close();
                return;
            }
            if (frame == StreamFramer.INCOMPLETE || frame > input.remaining()) break;
            deliver(frame);
        }
        input.compact();
        if (input.position() == 0 && input.capacity() > FIRST_BUFFER_BYTES) {
            input = ByteBuffer.allocate(FIRST_BUFFER_BYTES);
        }
    }

    private void ensureInput(int bytes) {
        if (input.remaining() >= bytes) return;
        ByteBuffer larger =
                ByteBuffer.allocate(Math.max(2 * input.capacity(), input.position() + bytes));
        input = larger.put(input.flip());
    }

    private void deliver(int frame) {
        int at = loop.stage(input.slice(input.position(), frame));
        input.position(input.position() + frame);
        loop.message(this, at, frame);
    }

    @Override
    public void send(UdpDatagram datagram) {
        if (closed) return;
        boolean data = datagram.headBytes() > 0;
        if (data && output.position() > BACKLOG_BYTES) return; // the client does not read
        try {
            ByteBuffer plain = loop.gather(datagram);
            if (tls == null) write(plain);
            else tls.send(plain, this::write);
        } catch (IOException e) {
            close();
        }
    }

    private void write(ByteBuffer wire) throws IOException {
        if (closed) return;
        if (output.position() == 0) channel.write(wire);
        if (!wire.hasRemaining()) return;
        if (output.position() + wire.remaining() > 2 * BACKLOG_BYTES) {
            close();
            return;
        }
        if (output.remaining() < wire.remaining()) {
            int size = Math.max(2 * output.capacity(), output.position() + wire.remaining());
            output = ByteBuffer.allocate(size).put(output.flip());
        }
        output.put(wire);
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }

    private void flush() throws IOException {
        output.flip();
        channel.write(output);
        output.compact();
        if (output.position() > 0) return;
        output = ByteBuffer.allocate(0);
        key.interestOps(SelectionKey.OP_READ);
    }

    void close() {
        if (closed) return;
        closed = true;
        loop.disconnected(this);
        try {
            channel.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
