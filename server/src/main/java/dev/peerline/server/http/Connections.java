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
 * looking: whenever a limit is met, and by {@link #sweep}.
 */
final class Connections {
    private final int max;
    private final int perAddress;
    private final boolean trustLoopback;
    private final ClientAddress proxies;
    private final Metrics metrics;
    private final Map<String, List<StreamConnection>> byAddress = new HashMap<>();
    private int count;

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
        if (count >= max) sweep();
        if (count >= max) return false;
        List<StreamConnection> open = byAddress.computeIfAbsent(key, _ -> new ArrayList<>());
        if (!unlimited && open.size() >= perAddress) count -= forgetClosed(open);
        if (!unlimited && open.size() >= perAddress) return false;
        open.add(connection);
        count++;
        return true;
    }

    /** Forgets those that are closed. */
    synchronized void sweep() {
        for (List<StreamConnection> open : byAddress.values()) count -= forgetClosed(open);
        byAddress.values().removeIf(List::isEmpty);
    }

    private static int forgetClosed(List<StreamConnection> connections) {
        int before = connections.size();
        connections.removeIf(connection -> !connection.isOpen());
        return before - connections.size();
    }

    /** How many are open, give or take those that closed since the last sweep. */
    synchronized int count() {
        return count;
    }

    /** Closes them all. */
    void closeAll() {
        List<StreamConnection> all = new ArrayList<>();
        synchronized (this) {
            byAddress.values().forEach(all::addAll);
        }
        all.forEach(IoUtils::safeClose);
    }
}
