package dev.peerline.turn.io;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.server.Counter;
import dev.peerline.turn.server.Counters;
import dev.peerline.turn.server.Limits;
import dev.peerline.turn.server.Shared;
import dev.peerline.turn.server.TurnServer;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * A listening socket for DTLS, and the sender of what was just received on it (RFC 8656 §3.1). A
 * client is nothing here before it has proved its address by a cookie; the clients of all are
 * bounded as connections are. On its loop's thread alone.
 */
final class DtlsListener implements TurnServer.Sender {
    /** What a hello costs us, in bytes of the limit for strangers: mostly time. */
    private static final int HELLO_BYTES = 400;

    private static final int MAX_DATAGRAM_BYTES = 65_536;

    /** A record's type (RFC 6347 §4.1). */
    private static final int APPLICATION_DATA = 23;

    /** To shake hands and allocate, and after the allocation has ended. */
    private static final long STRANGER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private record Tuple(TransportAddress remote, TransportAddress local) {}

    /**
     * What it stands on.
     *
     * @param execute runs a task on this thread; from any thread
     */
    record Base(
            UdpDriver driver,
            Shared shared,
            TurnServer server,
            Counters counters,
            Consumer<Runnable> execute) {}

    private final UdpSocket socket;
    private final Supplier<SSLEngine> engines;
    private final Base base;
    private final Map<Tuple, DtlsClient> clients = new HashMap<>();
    private final Map<TransportAddress, Integer> perAddress = new HashMap<>();
    private final DtlsFilter.Room room = new DtlsFilter.Room();
    private final ByteBuffer gathered = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
    private final MutableAddress remote = new MutableAddress();
    private final MutableAddress local = new MutableAddress();
    private final MutableAddress from = new MutableAddress();
    private final boolean wildcard;
    private @Nullable DtlsClient current;

    DtlsListener(UdpSocket socket, Supplier<SSLEngine> engines, Base base) {
        this.socket = socket;
        this.engines = engines;
        this.base = base;
        local.set(socket.localAddress());
        wildcard = socket.localAddress().withPort(0).inetAddress().isAnyLocalAddress();
        socket.owner(this);
    }

    int clients() {
        return clients.size();
    }

    void received(UdpReceived run, long nowNanos) {
        remote.set(run.source());
        long high = run.local().high();
        long low = run.local().low();
        if ((high | low) != 0) local.set(high, low, socket.localAddress().port());
        int end = run.offset() + run.length();
        for (int at = run.offset(); at < end; at += run.segmentBytes()) {
            int bytes = Math.min(run.segmentBytes(), end - at);
            received(base.driver.memory().slice(at, bytes), nowNanos);
        }
    }

    private void received(ByteBuffer datagram, long nowNanos) {
        Tuple tuple = new Tuple(remote.toAddress(), local.toAddress());
        DtlsClient client = clients.get(tuple);
        ClientHello hello = ClientHello.parse(datagram);
        boolean again = hello != null && client != null && client.hasBegunWith(hello);
        if (hello != null && !again) {
            hello(hello, tuple, nowNanos);
        } else if (client == null) {
            base.counters.increment(Counter.MALFORMED);
        } else if (!again || client.handshake() != null) {
            client.heard(nowNanos);
            DtlsFilter handshake = client.handshake();
            // He did not hear the answer
            if (again && handshake != null) handshake.repeat();
            else given(client, datagram);
        }
    }

    /** To the handshake that is under way, except what can only be for the one before it. */
    private void given(DtlsClient client, ByteBuffer datagram) {
        DtlsFilter handshake = client.handshake();
        boolean data = datagram.hasRemaining() && datagram.get(0) == APPLICATION_DATA;
        DtlsFilter filter = client.filter();
        if (handshake != null && (!data || filter == handshake)) filter = handshake;
        if (filter == null) return;
        current = client;
        filter.received(datagram);
        after(client);
    }

    private void after(DtlsClient client) {
        client.settle();
        DtlsFilter filter = client.filter();
        if (filter == null || filter.isOver()) remove(client);
    }

    private void hello(ClientHello hello, Tuple tuple, long nowNanos) {
        boolean may =
                base.shared.strangers().take(remote.high(), remote.low(), HELLO_BYTES, nowNanos);
        if (!may) {
            base.counters.increment(Counter.STRANGERS_LIMITED);
            return;
        }
        // The cookie is made of the hello and of a secret of all engines: any makes the same
        ByteBuffer request = DtlsFilter.answer(engines.get(), room, hello.first());
        if (request == null) {
            base.counters.increment(Counter.MALFORMED);
        } else if (hello.answers(request)) {
            begin(hello, tuple, nowNanos);
        } else {
            if (wildcard) from.set(local);
            toWire(request, remote, from);
        }
    }

    private void begin(ClientHello hello, Tuple tuple, long nowNanos) {
        DtlsClient client = clients.get(tuple);
        if (client == null) {
            if (!admits(tuple.remote.withPort(0))) {
                base.counters.increment(Counter.CONNECTIONS_REFUSED);
                return;
            }
            client = new DtlsClient(this, tuple.remote, tuple.local, wildcard);
            clients.put(tuple, client);
            perAddress.merge(tuple.remote.withPort(0), 1, Integer::sum);
        }
        try {
            client.begins(hello, filter(client, hello), nowNanos);
        } catch (SSLException e) {
            remove(client);
            return;
        }
        given(client, hello.datagram());
    }

    /** One that has seen the first hello, and asked for the cookie. */
    private DtlsFilter filter(DtlsClient client, ClientHello hello) throws SSLException {
        DtlsFilter[] made = new DtlsFilter[1];
        boolean[] verifying = {true};
        DtlsFilter filter =
                new DtlsFilter(
                        engines.get(),
                        room,
                        task -> {
                            if (verifying[0]) task.run();
                            else delegate(client, Objects.requireNonNull(made[0]), task);
                        },
                        plain -> read(client, plain),
                        bytes -> {
                            if (verifying[0]) return;
                            client.told(System.nanoTime());
                            toWire(bytes, client.to(), client.from());
                        });
        made[0] = filter;
        filter.received(hello.first());
        filter.resume();
        verifying[0] = false;
        return filter;
    }

    private void delegate(DtlsClient client, DtlsFilter filter, Runnable task) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            task.run();
                            base.execute.accept(
                                    () -> {
                                        filter.resume();
                                        after(client);
                                    });
                        });
    }

    private boolean admits(TransportAddress host) {
        Limits limits = base.shared.settings().limits();
        boolean exempt = limits.strangers().loopbackExempt() && host.isLoopback();
        boolean room = clients.size() < limits.connections().max();
        int same = perAddress.getOrDefault(host, 0);
        return room && (exempt || same < limits.connections().maxPerAddress());
    }

    /** A datagram of a client, to the handlers. */
    private void read(DtlsClient client, ByteBuffer plain) {
        current = client;
        remote.set(client.remote());
        local.set(client.local());
        int bytes = plain.remaining();
        int at = base.driver.scratch(bytes);
        base.driver.memory().put(at, plain, plain.position(), bytes);
        base.server.datagrams(this, at, bytes, bytes);
    }

    private void toWire(ByteBuffer sealed, MutableAddress to, MutableAddress source) {
        int bytes = sealed.remaining();
        int at = base.driver.scratch(bytes);
        base.driver.memory().put(at, sealed, sealed.position(), bytes);
        socket.send(base.driver.outgoing().of(at, bytes), to, source);
    }

    /** The bytes of a datagram in one piece; overwritten by the next. */
    ByteBuffer gather(UdpDatagram datagram) {
        gathered.clear();
        ByteBuffer memory = base.driver.memory();
        gathered.put(memory.slice(datagram.headOffset(), datagram.headBytes()));
        gathered.put(memory.slice(datagram.bodyOffset(), datagram.bodyBytes()));
        return gathered.flip();
    }

    /** What time brings about; once a second is enough. */
    void sweep(long nowNanos) {
        for (DtlsClient client : clients.values().toArray(DtlsClient[]::new)) {
            long quiet = client.quietNanos(nowNanos);
            if (quiet > STRANGER_NANOS && !base.server.hasAllocation(client)) {
                close(client);
                continue;
            }
            if (quiet > STRANGER_NANOS) client.giveUp();
            client.repeat(nowNanos);
            after(client);
        }
    }

    private void close(DtlsClient client) {
        DtlsFilter filter = client.filter();
        if (filter != null) filter.close();
        remove(client);
    }

    private void remove(DtlsClient client) {
        if (!clients.remove(new Tuple(client.remote(), client.local()), client)) return;
        perAddress.computeIfPresent(
                client.remote().withPort(0), (host, count) -> count == 1 ? null : count - 1);
        base.server.left(client);
    }

    /** Says goodbye to all. */
    void close() {
        for (Iterator<DtlsClient> it = clients.values().iterator(); it.hasNext(); it.remove()) {
            DtlsFilter filter = it.next().filter();
            if (filter != null) filter.close();
        }
    }

    @Override
    public MutableAddress remote() {
        return remote;
    }

    @Override
    public MutableAddress local() {
        return local;
    }

    @Override
    public Client toClient() {
        return Objects.requireNonNull(current);
    }
}
