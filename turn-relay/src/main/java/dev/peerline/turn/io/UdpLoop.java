package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpReceiver;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.server.Counters;
import dev.peerline.turn.server.Shared;
import dev.peerline.turn.server.TurnServer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;

/**
 * One thread with its own listening sockets (the system shares clients out by their address), its
 * own relay sockets and its own allocations. Nothing but {@link #close} is for other threads.
 */
public final class UdpLoop implements UdpReceiver, AutoCloseable {
    private final UdpDriver driver;
    private final TurnServer server;
    private final Counters counters = new Counters();
    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final RelayLog log;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<TransportAddress> addresses = new ArrayList<>();
    private final List<DtlsListener> secure = new ArrayList<>();
    private final List<TransportAddress> secureAddresses = new ArrayList<>();
    private volatile boolean closing;
    private volatile int allocations;
    private volatile int secureClients;
    private long nextSecondNanos = System.nanoTime();
    private boolean timed;

    /**
     * Where it listens.
     *
     * @param plain for datagrams as they are
     * @param secure for DTLS
     * @param engines makes an engine a client; not asked without {@code secure}
     */
    public record Listen(
            List<UdpOptions> plain, List<UdpOptions> secure, Supplier<SSLEngine> engines) {
        public Listen {
            plain = List.copyOf(plain);
            secure = List.copyOf(secure);
        }
    }

    /** Binds, and does not run yet. */
    public UdpLoop(String name, UdpDriver driver, Shared shared, Listen listen, RelayLog log)
            throws IOException {
        this.driver = driver;
        this.log = log;
        LoopGround ground = new LoopGround(driver, log, inbox);
        server = new TurnServer(shared, ground, new SecureRandom(), counters, System.nanoTime());
        for (UdpOptions options : listen.plain) {
            UdpSocket socket = driver.bind(onOnePort(options, addresses));
            new UdpListener(socket);
            ground.listener(socket);
            addresses.add(socket.localAddress());
        }
        var base = new DtlsListener.Base(driver, shared, server, counters, ground::execute);
        for (UdpOptions options : listen.secure) {
            UdpSocket socket = driver.bind(onOnePort(options, secureAddresses));
            secure.add(new DtlsListener(socket, listen.engines, base));
            secureAddresses.add(socket.localAddress());
        }
        thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /** Any port will do: then the same on all addresses. */
    private static UdpOptions onOnePort(UdpOptions options, List<TransportAddress> bound) {
        if (options.local().getPort() != 0 || bound.isEmpty()) return options;
        int port = bound.getFirst().port();
        return options.withLocal(new InetSocketAddress(options.local().getAddress(), port));
    }

    public List<TransportAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Where DTLS is served. */
    public List<TransportAddress> secureAddresses() {
        return List.copyOf(secureAddresses);
    }

    public void start() {
        thread.start();
    }

    public Counters counters() {
        return counters;
    }

    /** How many clients are connected by DTLS, as of its last turn. */
    public int secureClients() {
        return secureClients;
    }

    /** How many allocations this loop has, as of its last turn. */
    public int allocations() {
        return allocations;
    }

    public long sendErrors() {
        return driver.sendErrors();
    }

    private void run() {
        try (driver) {
            while (!closing) {
                timed = false;
                turn();
                allocations = server.allocationCount();
                secureClients = secure.stream().mapToInt(DtlsListener::clients).sum();
            }
            secure.forEach(DtlsListener::close);
            server.close();
        } catch (IOException | RuntimeException | Error e) {
            log.failed(thread.getName(), e);
        } finally {
            ended.countDown();
        }
    }

    /** A fault of ours with one packet must not end the service of all clients. */
    private void turn() throws IOException {
        try {
            driver.poll(this, Math.max(0, server.deadlineNanos() - System.nanoTime()));
            if (!timed) time();
            for (Runnable it = inbox.poll(); it != null; it = inbox.poll()) it.run();
        } catch (RuntimeException e) {
            log.failed(thread.getName(), e);
        }
    }

    /** Once a turn, after the wait. */
    private void time() {
        timed = true;
        long nowNanos = System.nanoTime();
        server.advance(nowNanos, System.currentTimeMillis() / 1000);
        if (nextSecondNanos - nowNanos > 0) return;
        nextSecondNanos = nowNanos + TimeUnit.SECONDS.toNanos(1);
        for (DtlsListener each : secure) each.sweep(nowNanos);
    }

    @Override
    public void received(UdpSocket socket, UdpReceived run) {
        if (!timed) time();
        Object owner = socket.owner();
        if (owner instanceof UdpRelayPort port) {
            server.fromPeer(port, run.source(), run.offset(), run.length(), run.segmentBytes());
        } else if (owner instanceof UdpListener listener) {
            listener.from(run);
            server.datagrams(listener, run.offset(), run.length(), run.segmentBytes());
        } else if (owner instanceof DtlsListener listener) {
            listener.received(run, System.nanoTime());
        }
    }

    @Override
    public void unreachable(UdpSocket socket, TransportAddress destination, IcmpError error) {
        if (!timed) time();
        if (socket.owner() instanceof UdpRelayPort port) {
            server.unreachable(port, destination, error.type(), error.code(), error.data());
        }
    }

    /** Ends the thread and waits for it. */
    @Override
    public void close() {
        closing = true;
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
