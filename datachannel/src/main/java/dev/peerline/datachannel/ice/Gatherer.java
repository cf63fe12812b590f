package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.IceCandidate.Kind;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * Finds the local candidates of one generation of a session: hosts, what STUN servers see, relays.
 * Used on the loop's thread alone.
 */
final class Gatherer {
    /** Before NATs forget a binding that no check has used yet (RFC 8445 §11). */
    private static final long KEEP_ALIVE_NANOS = 15_000_000_000L;

    /** A name may have many addresses. */
    private static final int MAX_RELAYS = 8;

    private final SharedPort port;
    private final IceOptions options;
    private final Events events;
    private final List<LocalEnd> ends = new ArrayList<>();
    private final Map<TransportAddress, IceCandidate> reflexive = new HashMap<>();
    private final List<RelayEnd> relays = new ArrayList<>();
    private final List<Runnable> keepAlives = new ArrayList<>();
    private IceLoop.@Nullable Timer timer;
    private IceLoop.@Nullable Timer patience;
    private int pending;
    private boolean complete;
    private boolean closed;

    interface Events {
        /** A candidate; its end is null when checks leave from another one's. */
        void found(IceCandidate candidate, @Nullable LocalEnd end);

        void complete();

        void failed(IceServer server, int code, String hint);

        void stun(RelayEnd end, TransportAddress from, ByteBuffer message);

        void data(RelayEnd end, MutableAddress from, ByteBuffer packet);

        /** Whether candidates that are unused must be kept alive. */
        boolean undecided();
    }

    Gatherer(SharedPort port, IceOptions options, Events events) {
        this.port = port;
        this.options = options;
        this.events = events;
    }

    /** The ends there are, to check from. */
    List<LocalEnd> ends() {
        return List.copyOf(ends);
    }

    /** What kind of candidate an address of ours is. */
    Kind kind(LocalEnd end, TransportAddress mapped) {
        if (end.kind() == Kind.RELAY) return Kind.RELAY;
        if (mapped.equals(end.address())) return Kind.HOST;
        return reflexive.containsKey(mapped) ? Kind.SRFLX : Kind.PRFLX;
    }

    /** A pair as its users see it. */
    SelectedPair pair(
            LocalEnd end, TransportAddress mapped, TransportAddress remote, Kind remoteKind) {
        return new SelectedPair(
                kind(end, mapped),
                end.address().inetSocketAddress(),
                remoteKind,
                remote.inetSocketAddress(),
                end.relayProtocol(),
                end.protocol());
    }

    void start() {
        if (!options.relayOnly()) {
            port.hosts().stream().filter(each -> !each.isGone()).forEach(this::add);
            port.listeners().forEach(this::add);
        }
        pending = 1; // this method
        patience = port.loop().schedule(options.gatherTimeout().toNanos(), this::finish);
        for (IceServer server : options.servers()) resolve(server);
        done();
        timer = port.loop().schedule(KEEP_ALIVE_NANOS, this::keepAlive);
    }

    private void add(LocalEnd end) {
        ends.add(end);
        events.found(candidate(end), end);
    }

    private void resolve(IceServer server) {
        if (!server.kind().isTurn() && options.relayOnly()) return;
        pending++;
        byName(
                server.host(),
                addresses -> {
                    if (closed) return;
                    if (addresses.isEmpty()) {
                        String hint = "no address for this name: check it, and the resolver";
                        events.failed(server, 0, hint);
                    }
                    for (InetAddress address : addresses) ask(server, address);
                    done();
                });
    }

    private void byName(String host, Consumer<List<InetAddress>> then) {
        try {
            then.accept(List.of(InetAddress.ofLiteral(host)));
        } catch (IllegalArgumentException _) {
            Runnable lookUp = () -> lookUp(host, then);
            Thread.ofVirtual().name("peerline-ice-name").start(lookUp);
        }
    }

    private void lookUp(String host, Consumer<List<InetAddress>> then) {
        List<InetAddress> found = new ArrayList<>();
        try {
            found.addAll(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException _) {
            // none
        }
        port.loop().execute(() -> then.accept(found));
    }

    private void ask(IceServer server, InetAddress address) {
        TransportAddress place = TransportAddress.of(address, server.port());
        IceServer.Kind kind = server.kind();
        // a TURN server is a STUN server, too
        boolean stun = kind == IceServer.Kind.STUN || kind == IceServer.Kind.TURN_UDP;
        if (stun && !options.relayOnly()) askStun(server, place);
        if (kind.isTurn()) allocate(server, place);
    }

    private void allocate(IceServer server, TransportAddress place) {
        if (relays.size() == MAX_RELAYS) return;
        int preference = 0xffff - relays.size();
        try {
            relays.add(
                    new RelayEnd(
                            port.loop(),
                            new RelayEnd.Place(server, place, preference),
                            options.gatherTimeout(),
                            new Relaying()));
            pending++;
        } catch (IOException e) {
            events.failed(server, 0, "no socket to be had: " + e.getMessage());
        }
    }

    private final class Relaying implements RelayEnd.Events {
        @Override
        public void allocated(RelayEnd end) {
            if (closed || complete) {
                end.close(); // too late to be told of
                return;
            }
            add(end);
            done();
        }

        @Override
        public void failed(RelayEnd end, int code, String hint) {
            if (closed) return;
            relays.remove(end);
            boolean had = ends.remove(end);
            events.failed(end.server(), code, hint);
            if (!had && !complete) done();
        }

        @Override
        public void stun(RelayEnd end, TransportAddress from, ByteBuffer message) {
            events.stun(end, from, message);
        }

        @Override
        public void data(RelayEnd end, MutableAddress from, ByteBuffer packet) {
            events.data(end, from, packet);
        }
    }

    private void askStun(IceServer server, TransportAddress place) {
        for (HostEnd host : port.hosts()) {
            TransportAddress local = host.address();
            boolean reachable =
                    local.isIpv4() == place.isIpv4() && local.isLoopback() == place.isLoopback();
            if (host.isGone() || !reachable) continue;
            pending++;
            keepAlives.add(() -> port.reflexive().ask(host, place, _ -> {}));
            port.reflexive()
                    .ask(
                            host,
                            place,
                            mapped -> {
                                if (closed) return;
                                if (mapped != null) mapped(host, mapped, server);
                                else events.failed(server, 0, "no answer over UDP: is it up?");
                                done();
                            });
        }
    }

    /** A reflexive address, of a STUN or TURN server's telling. */
    private void mapped(HostEnd host, TransportAddress mapped, IceServer server) {
        if (mapped.equals(host.address()) || reflexive.containsKey(mapped)) return;
        IceCandidate candidate =
                candidate(
                        Kind.SRFLX,
                        mapped,
                        CandidatePriority.of(CandidatePriority.SRFLX, host.localPreference()),
                        foundation(Kind.SRFLX, host.address(), server.url()),
                        host.address());
        reflexive.put(mapped, candidate);
        events.found(candidate, null);
    }

    private static IceCandidate candidate(LocalEnd end) {
        boolean relay = end.kind() == Kind.RELAY;
        String how = end.isTcp() ? "tcp" : end.relayProtocol();
        IceCandidate candidate =
                candidate(
                        end.kind(),
                        end.address(),
                        CandidatePriority.of(end.typePreference(), end.localPreference()),
                        foundation(end.kind(), end.address(), how),
                        relay ? end.related() : null);
        return end.isTcp() ? candidate.withTcpType(IceCandidate.TcpType.PASSIVE) : candidate;
    }

    private static IceCandidate candidate(
            Kind kind,
            TransportAddress address,
            long priority,
            String foundation,
            @Nullable TransportAddress related) {
        return new IceCandidate(
                foundation,
                1,
                IceCandidate.Protocol.UDP,
                priority,
                TransportAddress.hostText(address.high(), address.low()),
                address.port(),
                kind,
                related == null ? null : TransportAddress.hostText(related.high(), related.low()),
                related == null ? 0 : related.port(),
                null,
                null);
    }

    /** RFC 8445 §5.1.1.3: one for each kind, base address, server and transport. */
    private static String foundation(Kind kind, TransportAddress base, String server) {
        CRC32 crc = new CRC32();
        String host = TransportAddress.hostText(base.high(), base.low());
        crc.update((kind + " " + host + " " + server).getBytes(StandardCharsets.UTF_8));
        return Long.toString(crc.getValue());
    }

    private void done() {
        if (--pending == 0) finish();
    }

    private void finish() {
        if (complete || closed) return;
        complete = true;
        if (patience != null) patience.cancel();
        events.complete();
    }

    private void keepAlive() {
        if (closed) return;
        if (events.undecided()) keepAlives.forEach(Runnable::run);
        timer = port.loop().schedule(KEEP_ALIVE_NANOS, this::keepAlive);
    }

    void close() {
        closed = true;
        if (timer != null) timer.cancel();
        if (patience != null) patience.cancel();
        List.copyOf(relays).forEach(RelayEnd::close);
    }
}
