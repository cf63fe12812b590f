package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * UDP through NIO: one system call a datagram, and everything is sent at once. Its selector may be
 * shared with other channels of the same thread, whose keys carry a {@link NioTask}. It tells
 * neither to which address a datagram came nor ICMP errors, and does not set DF.
 */
public final class NioUdpDriver implements UdpDriver {
    private static final int ROOM = MAX_SCRATCH_BYTES;
    private static final int SCRATCH = ROOM;
    private static final int STAGING = 3 * ROOM;

    /** Reads of one socket before the others get their turn. */
    private static final int MAX_ROUNDS = 32;

    private final Selector selector;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(4 * ROOM);
    private final ByteBuffer view = memory.duplicate();
    private final UdpDatagram outgoing = new UdpDatagram();
    private final UdpReceived received = new UdpReceived();
    private int scratchUsed;
    private long sendErrors;

    public NioUdpDriver() throws IOException {
        selector = Selector.open();
    }

    /** For other channels of the same thread; their keys' attachments are {@link NioTask}s. */
    public Selector selector() {
        return selector;
    }

    @Override
    public ByteBuffer memory() {
        return memory;
    }

    @Override
    public int scratch(int bytes) {
        int rounded = bytes + 3 & ~3;
        if (rounded > ROOM) {
            throw new IllegalArgumentException("bytes: at most " + ROOM + ": " + bytes);
        }
        if (scratchUsed + rounded > 2 * ROOM) scratchUsed = 0; // all was sent when it was queued
        int at = SCRATCH + scratchUsed;
        scratchUsed += rounded;
        return at;
    }

    @Override
    public UdpDatagram outgoing() {
        return outgoing;
    }

    @Override
    public UdpSocket bind(UdpOptions options) throws IOException {
        boolean ipv4 = options.local().getAddress() instanceof Inet4Address;
        DatagramChannel channel =
                DatagramChannel.open(
                        ipv4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.bufferBytes());
            channel.setOption(StandardSocketOptions.SO_SNDBUF, options.bufferBytes());
            if (options.reusePort()
                    && channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            bind(channel, options.local());
            InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
            NioUdpSocket socket = new NioUdpSocket(this, channel, TransportAddress.of(local));
            channel.register(selector, SelectionKey.OP_READ, socket);
            return socket;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void bind(DatagramChannel channel, InetSocketAddress local) throws IOException {
        try {
            channel.bind(local);
        } catch (BindException e) {
            throw new BindException(
                    "Port %d on %s (UDP): %s"
                            .formatted(
                                    local.getPort(),
                                    local.getAddress().getHostAddress(),
                                    e.getMessage()));
        }
    }

    @Override
    public void poll(UdpReceiver receiver, long timeoutNanos) throws IOException {
        scratchUsed = 0;
        if (timeoutNanos <= 0) selector.selectNow();
        else selector.select(Math.max(1, timeoutNanos / 1_000_000));
        // a copy: closing a socket below takes its key out of the set
        SelectionKey[] keys = selector.selectedKeys().toArray(SelectionKey[]::new);
        selector.selectedKeys().clear();
        for (SelectionKey key : keys) {
            if (!key.isValid()) continue;
            Object attachment = key.attachment();
            if (attachment instanceof NioUdpSocket socket) read(socket, receiver);
            else if (attachment instanceof NioTask task) task.ready(key);
        }
    }

    private void read(NioUdpSocket socket, UdpReceiver receiver) {
        for (int round = 0; round < MAX_ROUNDS && socket.channel.isOpen(); round++) {
            view.limit(ROOM).position(0);
            InetSocketAddress from;
            try {
                from = (InetSocketAddress) socket.channel.receive(view);
            } catch (IOException e) {
                return; // an error that belongs to an earlier send
            }
            if (from == null) return;
            received.set(0, view.position(), view.position());
            received.source().set(socket.numbers(from));
            received.local().set(0, 0, 0);
            receiver.received(socket, received);
        }
    }

    void send(NioUdpSocket socket, UdpDatagram datagram, MutableAddress to) {
        int offset = datagram.bodyOffset();
        if (datagram.headBytes() > 0 || datagram.padBytes() > 0) {
            offset = STAGING;
            memory.put(STAGING, memory, datagram.headOffset(), datagram.headBytes());
            int body = STAGING + datagram.headBytes();
            memory.put(body, memory, datagram.bodyOffset(), datagram.bodyBytes());
            for (int i = 0; i < datagram.padBytes(); i++) {
                memory.put(body + datagram.bodyBytes() + i, (byte) 0);
            }
        }
        view.limit(offset + datagram.length()).position(offset);
        try {
            if (socket.channel.send(view, socket.object(to)) == 0 && datagram.length() > 0) {
                sendErrors++;
            }
        } catch (IOException e) {
            sendErrors++;
        }
    }

    void close(NioUdpSocket socket) {
        try {
            socket.channel.close();
            // the port is only free once the selector has let go of the key
            selector.selectNow(key -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void flush() {
        scratchUsed = 0;
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public boolean isNative() {
        return false;
    }

    @Override
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public void close() {
        try {
            for (SelectionKey key : selector.keys()) key.channel().close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a key of another channel on this selector carries. */
    public interface NioTask {
        void ready(SelectionKey key);
    }
}
