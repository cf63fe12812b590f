package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;

import io.undertow.Handlers;
import io.undertow.Undertow;

import org.xnio.Options;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** A real server on a free port of loopback, with nothing but rooms. */
final class LinkServer implements AutoCloseable {
    /** So that little is under way in the sockets when a test wants a slow reader. */
    private static final int SOCKET_BYTES = 64 * 1024;

    final Counts metrics = new Counts();
    final Rooms rooms;
    final LinkHandler handler;
    private final Undertow undertow;

    /** What is counted, to be asked. */
    static final class Counts implements LinkMetrics {
        private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);
        private final Map<CarrierKind, LongAdder> opened = new ConcurrentHashMap<>();
        private final Map<CarrierKind, LongAdder> closed = new ConcurrentHashMap<>();
        private final Map<ErrorCode, LongAdder> refusals = new ConcurrentHashMap<>();

        Counts() {
            for (Counter counter : Counter.values()) counters.put(counter, new LongAdder());
        }

        @Override
        public void count(Counter counter, long amount) {
            of(counter).add(amount);
        }

        @Override
        public void opened(CarrierKind kind) {
            of(opened, kind).increment();
        }

        @Override
        public void closed(CarrierKind kind) {
            of(closed, kind).increment();
        }

        /** Ways down of a kind that are open now. */
        long open(CarrierKind kind) {
            return of(opened, kind).sum() - of(closed, kind).sum();
        }

        private static LongAdder of(Map<CarrierKind, LongAdder> adders, CarrierKind kind) {
            return adders.computeIfAbsent(kind, _ -> new LongAdder());
        }

        @Override
        public void refused(ErrorCode code) {
            refusals.computeIfAbsent(code, _ -> new LongAdder()).increment();
        }

        LongAdder of(Counter counter) {
            return counters.getOrDefault(counter, new LongAdder());
        }

        long refusals(ErrorCode code) {
            return refusals.getOrDefault(code, new LongAdder()).sum();
        }
    }

    /** Lets everybody in, and counts them as one. */
    static class OpenDoor implements Admission {
        @Override
        public Decision knock(Visitor visitor) {
            return new Grant("", Grant.NEVER, "everybody");
        }

        @Override
        public Decision admit(Visitor visitor, Request request) {
            String name = request.name() == null ? "" : request.name();
            return new Grant(name, Grant.NEVER, "everybody");
        }
    }

    LinkServer(Admission door, RoomLimits roomLimits, LinkLimits linkLimits) {
        rooms = new Rooms(door, IceServers.NONE, "peerline/test", roomLimits, metrics);
        handler = new LinkHandler(rooms, linkLimits, metrics);
        undertow =
                Undertow.builder()
                        .addHttpListener(0, "127.0.0.1")
                        .setIoThreads(2)
                        .setWorkerThreads(1)
                        .setSocketOption(Options.SEND_BUFFER, SOCKET_BYTES)
                        .setHandler(Handlers.path().addExactPath("/v1/link", handler))
                        .build();
        undertow.start();
    }

    static LinkServer open() {
        return new LinkServer(new OpenDoor(), RoomLimits.DEFAULT, LinkLimits.DEFAULT);
    }

    /** Peers are away within a tenth of a second, and gone after two. */
    static LinkServer impatient() {
        RoomLimits limits = RoomLimits.DEFAULT;
        RoomLimits quick =
                new RoomLimits(
                        limits.maxRooms(),
                        limits.maxPeersPerRoom(),
                        limits.mailboxBytes(),
                        limits.mailboxEntries(),
                        limits.allMailboxesBytes(),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(2));
        return new LinkServer(new OpenDoor(), quick, LinkLimits.DEFAULT);
    }

    URI uri() {
        InetSocketAddress address =
                (InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress();
        return URI.create("ws://127.0.0.1:" + address.getPort() + "/v1/link");
    }

    URI httpUri() {
        return URI.create(uri().toString().replace("ws:", "http:"));
    }

    @Override
    public void close() {
        handler.close();
        undertow.stop();
    }
}
