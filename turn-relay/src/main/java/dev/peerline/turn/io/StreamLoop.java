package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.NioUdpDriver;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpReceiver;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.StreamInlet;
import dev.peerline.turn.StreamOutlet;
import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Counter;
import dev.peerline.turn.server.Counters;
import dev.peerline.turn.server.Limits;
import dev.peerline.turn.server.Shared;
import dev.peerline.turn.server.TurnServer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;

/**
 * TCP and TLS clients on one thread, with their allocations. Connections are bounded in all and for
 * one address, and one that has no allocation after a while is closed.
 */
public final class StreamLoop implements UdpReceiver, AutoCloseable {
    /** To connect, shake hands and allocate. */
    private static final long STRANGER_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** For the last bytes to one who hardly reads. */
    private static final long FINISH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int READ_BYTES = 64 * 1024;

    private final NioUdpDriver driver;
    private final Shared shared;
    private final List<AddressRange> proxies;
    private final TurnServer server;
    private final Counters counters = new Counters();
    private final RelayLog log;
    private final Thread thread = Thread.ofPlatform().name("relay-stream").unstarted(this::run);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final Set<StreamConnection> connections = new LinkedHashSet<>();
    private final Map<TransportAddress, Integer> perAddress = new HashMap<>();
    private final ByteBuffer readBuffer = ByteBuffer.allocate(READ_BYTES);
    private final ByteBuffer gathered = ByteBuffer.allocate(2 * READ_BYTES);
    private final Map<SocketTransport, Long> finishing = new HashMap<>();
    private final Set<StreamConnection> pausedConnections = new LinkedHashSet<>();
    private long nextSecondNanos = System.nanoTime();
    private volatile boolean closing;
    private volatile int allocations;
    private volatile int connectionCount;

    /**
     * A loop that does not run yet.
     *
     * @param proxies whose connections begin with a header that says who the client is
     */
    public StreamLoop(Shared shared, RelayLog log, List<AddressRange> proxies) throws IOException {
        this.proxies = List.copyOf(proxies);
        this.log = log;
        this.shared = shared;
        driver = new NioUdpDriver();
        StreamGround ground = new StreamGround(driver, log, this, inbox);
        server = new TurnServer(shared, ground, new SecureRandom(), counters, System.nanoTime());
    }

    /**
     * Binds a listener; before {@link #start}.
     *
     * @param tls makes an engine a connection; null for plain TCP
     */
    public TransportAddress listen(InetSocketAddress address, @Nullable Supplier<SSLEngine> tls)
            throws IOException {
        boolean ipv4 = address.getAddress() instanceof Inet4Address;
        ServerSocketChannel listener =
                ServerSocketChannel.open(
                        ipv4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        listeners.add(listener);
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.configureBlocking(false);
        try {
            listener.bind(address);
        } catch (BindException e) {
            throw new BindException(
                    "Port %d on %s (TCP): %s"
                            .formatted(
                                    address.getPort(),
                                    address.getAddress().getHostAddress(),
                                    e.getMessage()));
        }
        NioUdpDriver.NioTask accept = key -> accept(listener, tls);
        listener.register(driver.selector(), SelectionKey.OP_ACCEPT, accept);
        return TransportAddress.of((InetSocketAddress) listener.getLocalAddress());
    }

    public void start() {
        thread.start();
    }

    public Counters counters() {
        return counters;
    }

    public int allocations() {
        return allocations;
    }

    public int connections() {
        return connectionCount;
    }

    public long sendErrors() {
        return driver.sendErrors();
    }

    Selector selector() {
        return driver.selector();
    }

    ByteBuffer readBuffer() {
        return readBuffer;
    }

    /** Copies a message to where the handlers read. */
    int stage(ByteBuffer frame) {
        int at = driver.scratch(frame.remaining());
        driver.memory().put(at, frame, frame.position(), frame.remaining());
        return at;
    }

    void message(StreamConnection connection, int at, int bytes) {
        server.message(connection, at, bytes);
    }

    /** The bytes of a datagram in one piece; overwritten by the next. */
    ByteBuffer gather(UdpDatagram datagram) {
        gathered.clear();
        ByteBuffer memory = driver.memory();
        gathered.put(memory.slice(datagram.headOffset(), datagram.headBytes()));
        gathered.put(memory.slice(datagram.bodyOffset(), datagram.bodyBytes()));
        for (int i = 0; i < datagram.padBytes(); i++) gathered.put((byte) 0);
        return gathered.flip();
    }

    private void accept(ServerSocketChannel listener, @Nullable Supplier<SSLEngine> tls) {
        for (int i = 0; i < 64; i++) {
            SocketChannel channel = null;
            try {
                channel = listener.accept();
                if (channel == null) return;
                open(channel, tls);
            } catch (IOException e) {
                close(channel);
                return; // out of descriptors, or gone before it was accepted
            }
        }
    }

    TurnServer server() {
        return server;
    }

    /** One that sends what it has, and has no time without end for it. */
    void closeLater(SocketTransport transport) {
        finishing.put(transport, System.nanoTime() + FINISH_NANOS);
    }

    /** One whose reading goes on with the next second, if not before. */
    void paused(StreamConnection connection) {
        pausedConnections.add(connection);
    }

    private void everySecond() {
        long now = System.nanoTime();
        if (now - nextSecondNanos < 0) return;
        nextSecondNanos = now + TimeUnit.SECONDS.toNanos(1);
        dropStrangers();
        List.copyOf(pausedConnections).forEach(StreamConnection::resumeReading);
        pausedConnections.clear();
        finishing
                .entrySet()
                .removeIf(
                        entry -> {
                            boolean late = entry.getValue() - now <= 0;
                            if (late) entry.getKey().close();
                            return late || !entry.getKey().isOpen();
                        });
    }

    static void close(@Nullable SocketChannel channel) {
        if (channel == null) return;
        try {
            channel.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    private void open(SocketChannel channel, @Nullable Supplier<SSLEngine> tls) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        TransportAddress remote =
                TransportAddress.of((InetSocketAddress) channel.getRemoteAddress());
        TransportAddress local = TransportAddress.of((InetSocketAddress) channel.getLocalAddress());
        boolean proxied = isProxy(remote);
        if (!proxied && !admits(remote.withPort(0))) {
            close(channel);
            return;
        }
        StreamConnection[] made = new StreamConnection[1];
        TlsFilter filter =
                tls == null ? null : new TlsFilter(tls.get(), task -> delegate(task, made));
        made[0] = new StreamConnection(this, remote, local, filter, proxied);
        made[0].transport(new SocketTransport(this, channel, made[0]));
        add(made[0]);
    }

    private boolean isProxy(TransportAddress remote) {
        for (AddressRange range : proxies)
            if (range.contains(remote.high(), remote.low())) return true;
        return false;
    }

    private boolean admits(TransportAddress host) {
        Limits limits = shared.settings().limits();
        int same = perAddress.getOrDefault(host, 0);
        boolean exempt = limits.strangers().loopbackExempt() && host.isLoopback();
        boolean full = connections.size() >= limits.connections().max();
        if (!full && (exempt || same < limits.connections().maxPerAddress())) return true;
        counters.increment(Counter.CONNECTIONS_REFUSED);
        return false;
    }

    private void add(StreamConnection connection) {
        connections.add(connection);
        perAddress.merge(connection.host(), 1, Integer::sum);
        connectionCount = connections.size();
    }

    /**
     * Serves a connection that somebody else accepted. Any thread may call this.
     *
     * @return where its bytes go
     */
    public StreamInlet adopt(TransportAddress remote, TransportAddress local, StreamOutlet outlet) {
        AdoptedTransport transport = new AdoptedTransport(this, outlet);
        execute(
                () -> {
                    if (!admits(remote.withPort(0))) {
                        transport.close();
                        return;
                    }
                    StreamConnection connection =
                            new StreamConnection(this, remote, local, null, false);
                    connection.transport(transport);
                    transport.reader(connection);
                    add(connection);
                });
        return transport;
    }

    /** Runs it on this loop's thread, soon. */
    void execute(Runnable task) {
        inbox.add(task);
        driver.wakeup();
    }

    private void delegate(Runnable task, StreamConnection[] made) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            task.run();
                            execute(made[0]::resume);
                        });
    }

    void disconnected(StreamConnection connection) {
        server.disconnected(connection);
        if (!connections.remove(connection)) return;
        perAddress.computeIfPresent(
                connection.host(), (host, count) -> count == 1 ? null : count - 1);
        connectionCount = connections.size();
    }

    private void run() {
        try (driver) {
            while (!closing) {
                turn();
                allocations = server.allocationCount();
            }
            List.copyOf(connections).forEach(StreamConnection::close);
            server.close();
        } catch (IOException | RuntimeException | Error e) {
            log.failed(thread.getName(), e);
        } finally {
            ended.countDown();
        }
    }

    /** A fault of ours with one message must not end the service of all clients. */
    private void turn() throws IOException {
        try {
            time();
            long wait = Math.max(1_000_000, server.deadlineNanos() - System.nanoTime());
            driver.poll(this, wait);
            for (Runnable it = inbox.poll(); it != null; it = inbox.poll()) it.run();
            everySecond();
        } catch (RuntimeException e) {
            log.failed(thread.getName(), e);
        }
    }

    /** What the handlers go by; once an event, after the wait. */
    void time() {
        server.advance(System.nanoTime(), System.currentTimeMillis() / 1000);
    }

    /** Connections lie in the order they were opened, so the old ones are in front. */
    private void dropStrangers() {
        long now = System.nanoTime();
        List<StreamConnection> old = new ArrayList<>();
        for (StreamConnection connection : connections) {
            if (now - connection.openedNanos < STRANGER_NANOS) break;
            if (connection.isStranger()) old.add(connection);
        }
        old.forEach(StreamConnection::close);
    }

    @Override
    public void received(UdpSocket socket, UdpReceived run) {
        time();
        if (socket.owner() instanceof UdpRelayPort port) {
            server.fromPeer(port, run.source(), run.offset(), run.length(), run.segmentBytes());
        }
    }

    @Override
    public void unreachable(UdpSocket socket, TransportAddress destination, IcmpError error) {
        time();
        if (socket.owner() instanceof UdpRelayPort port) {
            server.unreachable(port, destination, error.type(), error.code(), error.data());
        }
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        closing = true;
        for (ServerSocketChannel listener : listeners) {
            try {
                listener.close();
            } catch (IOException e) {
                log.warn("relay event=close-failed why=\"" + e.getMessage() + '"');
            }
        }
        if (!thread.isAlive()) {
            if (thread.getState() == Thread.State.NEW) driver.close();
            return;
        }
        driver.wakeup();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
