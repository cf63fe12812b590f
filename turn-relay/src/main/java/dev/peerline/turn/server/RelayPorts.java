package dev.peerline.turn.server;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.allocation.Reservations;

import org.jspecify.annotations.Nullable;

/** Chooses relay ports at random (RFC 6056) and binds them. Not thread-safe. */
final class RelayPorts {
    /** While the range is not nearly full, the first few hit. */
    private static final int RANDOM_TRIES = 32;

    /** Ports that other programs hold; each costs a failed bind. */
    private static final int MAX_FAILED_BINDS = 64;

    private final LoopState loop;

    RelayPorts(LoopState loop) {
        this.loop = loop;
    }

    /**
     * What is asked of a port.
     *
     * @param even only an even one
     * @param tcp for connections with peers instead of datagrams
     * @param token of the reservation of the next higher one; 0 for none
     * @param account whose that is
     */
    record Kind(boolean even, boolean tcp, long token, String account) {
        boolean reserves() {
            return token != 0;
        }
    }

    @Nullable RelayPort open(boolean ipv4, Client client, Kind kind) {
        Settings settings = loop.settings();
        Settings.Relay relay = settings.relay(ipv4, client.local());
        if (relay == null) return null;
        int first = settings.firstPort();
        int count = settings.lastPort() - first + 1;
        int start = loop.random.nextInt(count);
        int failures = 0;
        for (int i = 0; i < RANDOM_TRIES + count && failures < MAX_FAILED_BINDS; i++) {
            boolean random = i < RANDOM_TRIES;
            int port = first + (random ? loop.random.nextInt(count) : (start + i) % count);
            if (kind.even && (port & 1) != 0) port = port == first ? port + 1 : port - 1;
            if (kind.reserves() && port == settings.lastPort()) continue;
            TransportAddress local = relay.local().withPort(port);
            if (!take(local, kind.reserves())) continue;
            RelayPort bound = bind(relay, port, kind);
            if (bound != null) return bound;
            failures++;
            loop.shared.own().releasePort(local);
            if (kind.reserves()) loop.shared.own().releasePort(local.withPort(port + 1));
        }
        return null;
    }

    /** With the next one, if that is to be kept; null if somebody else has either. */
    private @Nullable RelayPort bind(Settings.Relay relay, int port, Kind kind) {
        RelayPort bound =
                kind.tcp ? loop.ground.listen(relay, port) : loop.ground.bind(relay, port);
        if (bound == null || !kind.reserves()) return bound;
        RelayPort next = loop.ground.bind(relay, port + 1);
        if (next == null) {
            bound.close();
            return null;
        }
        // Whoever claims it may be on another loop
        UdpSocket.Detached socket = loop.ground.detach(next);
        if (socket == null) next.close();
        var kept = new Reservations.Kept(next, socket);
        loop.shared.reservations().keep(kind.token, kept, kind.account, loop.nowNanos);
        return bound;
    }

    private boolean take(TransportAddress local, boolean reserve) {
        var own = loop.shared.own();
        if (!own.takePort(local)) return false;
        if (!reserve || own.takePort(local.withPort(local.port() + 1))) return true;
        own.releasePort(local);
        return false;
    }

    /** The port of a reservation, or null if there is none for this token and account. */
    @Nullable RelayPort reserved(long token, String account) {
        var kept = loop.shared.reservations().claim(token, account, loop.nowNanos);
        if (kept == null) return null;
        UdpSocket.Detached socket = kept.socket();
        if (socket != null && loop.ground.attaches(socket))
            return loop.ground.attach(kept.port(), socket);
        // Of a loop of another kind: the port is free for a moment
        if (socket != null) socket.close();
        TransportAddress local = kept.port().local();
        for (Settings.Relay relay : loop.settings().relays()) {
            if (!relay.local().sameAddress(local)) continue;
            RelayPort bound = loop.ground.bind(relay, local.port());
            if (bound != null) return bound;
        }
        loop.shared.own().releasePort(local);
        return null;
    }
}
