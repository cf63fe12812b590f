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
    private volatile boolean closing;
    private volatile int allocations;
    private boolean timed;

    /** Binds, and does not run yet. */
    public UdpLoop(
            String name, UdpDriver driver, Shared shared, List<UdpOptions> listen, RelayLog log)
            throws IOException {
        this.driver = driver;
        this.log = log;
        LoopGround ground = new LoopGround(driver, log, inbox);
        server = new TurnServer(shared, ground, new SecureRandom(), counters, System.nanoTime());
        for (UdpOptions options : listen) {
            UdpSocket socket = driver.bind(onOnePort(options));
            new UdpListener(socket);
            ground.listener(socket);
            addresses.add(socket.localAddress());
        }
        thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    /** Any port will do: then the same on all addresses. */
    private UdpOptions onOnePort(UdpOptions options) {
        if (options.local().getPort() != 0 || addresses.isEmpty()) return options;
        int port = addresses.getFirst().port();
        return options.withLocal(new InetSocketAddress(options.local().getAddress(), port));
    }

    public List<TransportAddress> addresses() {
        return List.copyOf(addresses);
    }

    public void start() {
        thread.start();
    }

    public Counters counters() {
        return counters;
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
            }
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
        server.advance(System.nanoTime(), System.currentTimeMillis() / 1000);
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
