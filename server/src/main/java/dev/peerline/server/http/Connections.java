package dev.peerline.server.http;

import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Metrics.Refused;

import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The TCP connections that are open, counted by address. One too many is closed before a byte of it
 * is read. Thread-safe: one lock, not held over I/O.
 *
 * <p>The layers above replace each other's close listeners, so closed connections are found by
 * looking: whenever a limit is met, and by {@link #sweep} once a second.
 */
final class Connections {
    /** A client that was answered, and told that this was all, has so many seconds to hang up. */
    private static final int LINGER_SWEEPS = 5;

    private final int max;
    private final int perAddress;
    private final boolean trustLoopback;
    private final ClientAddress proxies;
    private final Metrics metrics;
    private final Map<String, List<Entry>> byAddress = new HashMap<>();
    private int count;

    /** A connection, and for how many sweeps it has been closed on our side alone. */
    private static final class Entry {
        private final StreamConnection connection;
        private int halfClosedSweeps;

        private Entry(StreamConnection connection) {
            this.connection = connection;
        }
    }

    /**
     * @param max in all
     * @param perAddress from one client; proxies that are trusted, and with {@code trustLoopback}
     *     this machine, have no limit of their own
     */
    Connections(
            int max,
            int perAddress,
            boolean trustLoopback,
            ClientAddress proxies,
            Metrics metrics) {
        this.max = max;
        this.perAddress = perAddress;
        this.trustLoopback = trustLoopback;
        this.proxies = proxies;
        this.metrics = metrics;
    }

    /** A listener that passes on what may stay. */
    ChannelListener<StreamConnection> before(ChannelListener<? super StreamConnection> next) {
        return connection -> {
            if (admits(connection)) {
                next.handleEvent(connection);
            } else {
                metrics.refused(Refused.TOO_MANY_CONNECTIONS);
                IoUtils.safeClose(connection);
            }
        };
    }

    private synchronized boolean admits(StreamConnection connection) {
        InetSocketAddress peer = connection.getPeerAddress(InetSocketAddress.class);
        // It was closed before we came to look.
        if (peer == null) return false;
        InetAddress address = peer.getAddress();
        String key = Caller.limitsKey(address);
        boolean unlimited =
                (trustLoopback && address.isLoopbackAddress()) || proxies.isTrustedProxy(address);
        if (count >= max) for (List<Entry> open : byAddress.values()) count -= forgetClosed(open);
        if (count >= max) return false;
        List<Entry> mine = byAddress.computeIfAbsent(key, _ -> new ArrayList<>());
        if (!unlimited && mine.size() >= perAddress) count -= forgetClosed(mine);
        if (!unlimited && mine.size() >= perAddress) return false;
        mine.add(new Entry(connection));
        count++;
        return true;
    }

    /** Forgets those that are closed, and closes those that only wait for the client to do so. */
    void sweep() {
        List<StreamConnection> lingering = new ArrayList<>();
        synchronized (this) {
            for (List<Entry> open : byAddress.values()) {
                count -= forgetClosed(open);
                for (Entry entry : open)
                    if (entry.connection.isWriteShutdown()
                            && ++entry.halfClosedSweeps > LINGER_SWEEPS)
                        lingering.add(entry.connection);
            }
            byAddress.values().removeIf(List::isEmpty);
        }
        lingering.forEach(IoUtils::safeClose);
    }

    private static int forgetClosed(List<Entry> entries) {
        int before = entries.size();
        entries.removeIf(entry -> !entry.connection.isOpen());
        return before - entries.size();
    }

    /** How many are open, give or take those that closed since the last sweep. */
    synchronized int count() {
        return count;
    }

    /** Closes them all. */
    void closeAll() {
        List<StreamConnection> all = new ArrayList<>();
        synchronized (this) {
            for (List<Entry> open : byAddress.values())
                for (Entry entry : open) all.add(entry.connection);
        }
        all.forEach(IoUtils::safeClose);
    }
}
