package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.TcpActive.Target;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Connects to the TCP candidates of a peer's, a little after the checks have begun and only if none
 * has found a path, and again when the connection in use was cut. Used on the loop's thread alone.
 */
final class Dialer {
    /** What UDP has before TCP is tried (RFC 8305 §5 has a similar delay for a like reason). */
    static final long UDP_FIRST_NANOS = 250_000_000;

    /** Between two attempts at a connection that was cut. */
    private static final long AGAIN_NANOS = 1_000_000_000;

    private static final int MAX_TARGETS = 8;

    private final SharedPort port;
    private final PortSession session;
    private final Owner owner;
    private final Map<TransportAddress, IceCandidate> candidates = new LinkedHashMap<>();
    private final List<TcpActive> ends = new ArrayList<>();
    private @Nullable TcpActive inUse;
    private boolean begun;
    private boolean closed;

    interface Owner {
        /** Whether TCP is still wanted. */
        boolean wantsTcp();

        /** A connection is there, to be checked; or in place of the one in use, to be asked. */
        void up(TcpActive end, boolean again);

        /** The connection in use was cut; another is being tried. */
        void cut(TcpActive end);
    }

    Dialer(SharedPort port, PortSession session, Owner owner) {
        this.port = port;
        this.session = session;
        this.owner = owner;
    }

    /** Those that are connected. */
    List<TcpActive> up() {
        return ends.stream().filter(TcpActive::isUp).toList();
    }

    /** Takes a candidate that may be connected to. */
    void add(TransportAddress remote, IceCandidate candidate) {
        if (closed || candidates.size() == MAX_TARGETS || !isAllowed(remote)) return;
        boolean isNew = candidates.putIfAbsent(remote, candidate) == null;
        if (isNew && begun) port.loop().schedule(UDP_FIRST_NANOS, () -> dial(remote));
    }

    /**
     * A peer must not have us talk to just any service. Chromium has the same rule (its
     * VerifyCandidate).
     */
    static boolean isAllowed(TransportAddress remote) {
        if (remote.port() >= 1024) return true;
        boolean web = remote.port() == 80 || remote.port() == 443;
        InetAddress address = remote.inetAddress();
        boolean uniqueLocal = !remote.isIpv4() && (address.getAddress()[0] & 0xfe) == 0xfc;
        return web && !remote.isLoopback() && !address.isSiteLocalAddress() && !uniqueLocal;
    }

    /** The checks have begun. */
    void begin() {
        if (begun) return;
        begun = true;
        for (TransportAddress each : candidates.keySet())
            port.loop().schedule(UDP_FIRST_NANOS, () -> dial(each));
    }

    private void dial(TransportAddress remote) {
        if (!closed && owner.wantsTcp()) connect(remote);
    }

    private void connect(TransportAddress remote) {
        IceCandidate candidate = candidates.get(remote);
        TransportAddress local = from(remote);
        if (candidate == null || local == null) return;
        try {
            Target target = new Target(local, remote, candidate);
            ends.add(new TcpActive(port, session, target, new Watch()));
        } catch (IOException _) {
            // no route, or no socket: as if nobody had answered
            if (inUse != null) againLater(remote);
        }
    }

    private final class Watch implements TcpActive.Events {
        @Override
        public void up(TcpActive end) {
            owner.up(end, inUse != null);
        }

        @Override
        public void down(TcpActive end) {
            ends.remove(end);
            TcpActive used = inUse;
            if (closed || used == null || !used.target().equals(end.target())) return;
            if (end.equals(used)) {
                owner.cut(end);
                connect(end.target().remote());
            } else {
                againLater(end.target().remote());
            }
        }
    }

    private void againLater(TransportAddress remote) {
        port.loop()
                .schedule(
                        AGAIN_NANOS,
                        () -> {
                            if (!closed && inUse != null && !inUse.isUp()) connect(remote);
                        });
    }

    /** Which address of ours packets to there would leave from, if it is one of the port's. */
    private @Nullable TransportAddress from(TransportAddress remote) {
        try (DatagramChannel probe = DatagramChannel.open()) { // sends nothing
            probe.connect(remote.inetSocketAddress());
            var local = TransportAddress.of((InetSocketAddress) probe.getLocalAddress());
            boolean ours = port.hosts().stream().anyMatch(it -> it.address().sameAddress(local));
            return ours ? local.withPort(0) : null;
        } catch (IOException _) {
            return null;
        }
    }

    /** Nothing was found; when checks begin again, so does this. */
    void rest() {
        begun = false;
        use(null);
    }

    /** This end carries packets from now on, or none of ours does: others are closed. */
    void use(@Nullable LocalEnd selected) {
        inUse = selected instanceof TcpActive active && ends.contains(active) ? active : null;
        for (TcpActive end : List.copyOf(ends)) {
            if (end.equals(inUse)) continue;
            end.close();
            ends.remove(end);
        }
    }

    void close() {
        closed = true;
        use(null);
    }
}
