package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import jdk.net.ExtendedSocketOptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;

/**
 * UDP through NIO: one system call a datagram, and everything is sent at once. Its selector may be
 * shared with other channels of the same thread, whose keys carry a {@link NioTask}. It does not
 * tell to which address a datagram came, and of ICMP errors only that one is too large for its
 * path: when the system knows that path and refuses to send (RFC 1191), not with the first such
 * datagram, and without the MTU in IPv4.
 */
public final class NioUdpDriver implements UdpDriver {
    private static final int ROOM = MAX_SCRATCH_BYTES;
    private static final int SCRATCH = ROOM;
    private static final int STAGING = 3 * ROOM;

    /** Reads of one socket before the others get their turn. */
    private static final int MAX_ROUNDS = 32;

    /** What every path carries: RFC 791 §3.1 and RFC 8200 §5, without the headers of IP and UDP. */
    private static final int SAFE_BYTES_IPV4 = 576 - 28;

    private static final int MIN_MTU_IPV6 = 1280;
    private static final int SAFE_BYTES_IPV6 = MIN_MTU_IPV6 - 48;

    /** That wait to be told; with the others nothing is lost but a hint. */
    private static final int MAX_REFUSALS = 64;

    private record Refusal(NioUdpSocket socket, TransportAddress destination) {}

    private final Selector selector;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(4 * ROOM);
    private final ByteBuffer view = memory.duplicate();
    private final UdpDatagram outgoing = new UdpDatagram();
    private final UdpReceived received = new UdpReceived();
    private final ArrayDeque<Refusal> refusals = new ArrayDeque<>();
    private final boolean setsDontFragment;
    private int scratchUsed;
    private long sendErrors;

    public NioUdpDriver() throws IOException {
        selector = Selector.open();
        try (DatagramChannel any = DatagramChannel.open()) {
            setsDontFragment =
                    any.supportedOptions().contains(ExtendedSocketOptions.IP_DONTFRAGMENT);
        }
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
            if (setsDontFragment) channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
            return register(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private NioUdpSocket register(DatagramChannel channel) throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        NioUdpSocket socket = new NioUdpSocket(this, channel, TransportAddress.of(local));
        channel.register(selector, SelectionKey.OP_READ, socket);
        return socket;
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
        if (timeoutNanos <= 0 || !refusals.isEmpty()) selector.selectNow();
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
        for (Refusal it = refusals.poll(); it != null; it = refusals.poll()) {
            if (!it.socket.channel.isOpen()) continue;
            boolean ipv4 = it.destination.isIpv4();
            var error = UdpReceiver.IcmpError.tooBig(ipv4, ipv4 ? 0 : MIN_MTU_IPV6);
            receiver.unreachable(it.socket, it.destination, error);
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
            if (setsDontFragment) socket.dontFragment(datagram.dontFragment());
            if (socket.channel.send(view, socket.object(to)) == 0 && datagram.length() > 0) {
                sendErrors++;
            }
        } catch (NoRouteToHostException | ClosedChannelException e) {
            sendErrors++;
        } catch (IOException e) {
            sendErrors++;
            // The exception has no errno, and a text in the machine's language
            int safe = to.isIpv4() ? SAFE_BYTES_IPV4 : SAFE_BYTES_IPV6;
            boolean tooBig = datagram.dontFragment() && datagram.length() > safe;
            if (tooBig && refusals.size() < MAX_REFUSALS)
                refusals.add(new Refusal(socket, to.toAddress()));
        }
    }

    /** Forgets the socket, which stays open. */
    void release(NioUdpSocket socket) {
        SelectionKey key = socket.channel.keyFor(selector);
        if (key == null) throw new IllegalStateException("socket: closed");
        key.cancel();
        forgetCancelled();
    }

    /** A channel belongs to its selector until that has looked at it once more. */
    private void forgetCancelled() {
        try {
            selector.selectNow(key -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public UdpSocket attach(UdpSocket.Detached detached) throws IOException {
        if (!(detached instanceof NioUdpSocket.DetachedSocket it)) {
            throw new IllegalArgumentException("detached: not of a driver of this kind");
        }
        try {
            return register(it.channel());
        } catch (IOException | RuntimeException e) {
            it.close();
            throw e;
        }
    }

    @Override
    public boolean attaches(UdpSocket.Detached detached) {
        return detached instanceof NioUdpSocket.DetachedSocket;
    }

    void close(NioUdpSocket socket) {
        try {
            socket.channel.close();
            forgetCancelled(); // the port is not free before
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
    public boolean setsDontFragment() {
        return setsDontFragment;
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
