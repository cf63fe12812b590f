package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection with a peer, carrying packets as {@link TcpFrame}s. Packets of one turn of the
 * loop leave together; what does not fit the queue is dropped, as any datagram may be. Used on the
 * loop's thread alone.
 */
final class TcpLink implements TcpReadiness.Ready {
    /** Packets that wait for the peer to take them: some 200. */
    static final int MAX_QUEUED_BYTES = 1 << 18;

    /** A check has some 100 bytes; this is for what stands before the first one is known good. */
    static final int MAX_FIRST_BYTES = 1024;

    /** Buffers' full before others have a turn. */
    private static final int MAX_READS = 4;

    private static final int SMALL_BYTES = 1 << 12;

    private final IceLoop loop;
    private final TcpReadiness readiness;
    private final SocketChannel channel;
    private final Events events;
    private final SelectionKey key;
    private int maxFrameBytes = MAX_FIRST_BYTES;
    private byte @Nullable [] rest;
    private @Nullable ByteBuffer outgoing;
    private boolean connecting;
    private boolean flushPlanned;
    private boolean blocked;
    private boolean closed;

    interface Events {
        /** The connection that was asked for is there. */
        default void connected() {}

        /** A packet; valid during the call. */
        void packet(ByteBuffer packet);

        /** It is over: by the peer, an error, or what the peer sent. Not by {@link #close}. */
        void closed();
    }

    /**
     * Takes a channel that is connected, or about to be.
     *
     * @throws IOException if it is closed
     */
    TcpLink(IceLoop loop, SocketChannel channel, Events events) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.events = events;
        readiness = loop.readiness();
        connecting = !channel.isConnected();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        int first = connecting ? SelectionKey.OP_CONNECT : SelectionKey.OP_READ;
        key = readiness.register(channel, first, this);
    }

    /** From now on, all packets are taken that {@link TcpFrame} takes. */
    void trust() {
        maxFrameBytes = TcpFrame.MAX_BYTES;
    }

    /** Queues a packet, from position to limit. False if it was dropped. */
    boolean send(ByteBuffer packet) {
        int bytes = TcpFrame.HEADER_BYTES + packet.remaining();
        if (closed || connecting) return false;
        ByteBuffer out = room(bytes);
        if (out == null) return false;
        out.putShort((short) packet.remaining());
        out.put(out.position(), packet, packet.position(), packet.remaining());
        out.position(out.position() + packet.remaining());
        if (flushPlanned || blocked) return true;
        flushPlanned = true;
        loop.execute(this::flush);
        return true;
    }

    private @Nullable ByteBuffer room(int bytes) {
        ByteBuffer out = outgoing;
        if (out != null && out.remaining() >= bytes) return out;
        int queued = out == null ? 0 : out.position();
        if (queued + bytes > MAX_QUEUED_BYTES) return null;
        int wanted = Math.max(SMALL_BYTES, 2 * (queued + bytes));
        ByteBuffer larger = ByteBuffer.allocate(Math.min(wanted, MAX_QUEUED_BYTES));
        if (out != null) larger.put(out.flip());
        outgoing = larger;
        return larger;
    }

    private void flush() {
        flushPlanned = false;
        if (closed || outgoing == null) return;
        try {
            write(outgoing);
        } catch (IOException _) {
            end();
            return;
        }
        if (blocked) watch();
    }

    private void write(ByteBuffer out) throws IOException {
        channel.write(out.flip());
        out.compact();
        blocked = out.position() > 0;
        if (!blocked && out.capacity() > SMALL_BYTES) outgoing = null;
    }

    private void watch() {
        if (!closed)
            readiness.watch(key, SelectionKey.OP_READ | (blocked ? SelectionKey.OP_WRITE : 0));
    }

    @Override
    public void ready() {
        if (closed) return;
        try {
            if (connecting) connect();
            if (blocked && outgoing != null) write(outgoing);
            read();
        } catch (IOException _) {
            end();
        } finally {
            watch();
        }
    }

    private void connect() throws IOException {
        if (!channel.finishConnect()) throw new ClosedChannelException();
        connecting = false;
        events.connected();
    }

    private void read() throws IOException {
        ByteBuffer in = readiness.incoming();
        for (int i = 0; i < MAX_READS && !closed; i++) {
            in.clear();
            if (rest != null) in.put(rest);
            rest = null;
            if (channel.read(in) < 0) throw new ClosedChannelException();
            boolean full = !in.hasRemaining();
            take(in.flip());
            if (closed || !full) return;
        }
    }

    private void take(ByteBuffer in) throws IOException {
        int bytes;
        while ((bytes = TcpFrame.next(in, maxFrameBytes)) >= 0) {
            int end = in.position() + bytes;
            if (bytes > 0) events.packet(in.duplicate().limit(end));
            else if (maxFrameBytes == MAX_FIRST_BYTES) throw new IOException("an empty one first");
            if (closed) return;
            in.position(end);
        }
        if (bytes == TcpFrame.TOO_LONG) throw new IOException("not RFC 4571, or more than we take");
        if (!in.hasRemaining()) return;
        rest = new byte[in.remaining()];
        in.get(rest);
    }

    private void end() {
        if (closed) return;
        close();
        events.closed();
    }

    /** Closes; what was sent leaves if the peer takes it at once. */
    void close() {
        if (closed) return;
        closed = true;
        try (channel) {
            if (outgoing != null && !connecting) channel.write(outgoing.flip());
        } catch (IOException _) {
            // the peer will know
        }
        outgoing = null;
        readiness.forget();
    }
}
