package dev.peerline.turn.server;

import dev.peerline.net.TransportAddress;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.RelayPort;

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
     * @param reserve take the next higher one too, for the caller to keep
     * @param tcp for connections with peers instead of datagrams
     */
    record Kind(boolean even, boolean reserve, boolean tcp) {}

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
            if (kind.reserve && port == settings.lastPort()) continue;
            TransportAddress local = relay.local().withPort(port);
            if (!take(local, kind.reserve)) continue;
            RelayPort bound =
                    kind.tcp ? loop.ground.listen(relay, port) : loop.ground.bind(relay, port);
            if (bound != null) return bound;
            failures++;
            loop.shared.own().releasePort(local);
            if (kind.reserve) loop.shared.own().releasePort(local.withPort(port + 1));
        }
        return null;
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
        TransportAddress local = loop.shared.reservations().claim(token, account, loop.nowNanos);
        if (local == null) return null;
        for (Settings.Relay relay : loop.settings().relays()) {
            if (!relay.local().sameAddress(local)) continue;
            RelayPort bound = loop.ground.bind(relay, local.port());
            if (bound != null) return bound;
        }
        loop.shared.own().releasePort(local);
        return null;
    }
}
