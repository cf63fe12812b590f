package dev.peerline.fallback.grpc;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts connections, in all and by address. Thread-safe: one lock for a map's work. */
final class ConnectionCount {
    private final PushLimits limits;
    private final PushAccess access;
    private final PushMetrics metrics;
    private final Map<String, Integer> byKey = new HashMap<>();
    private int total;

    ConnectionCount(PushLimits limits, PushAccess access, PushMetrics metrics) {
        this.limits = limits;
        this.access = access;
        this.metrics = metrics;
    }

    /** Counts one in; false when it is one too many. */
    boolean open(InetAddress peer) {
        String key = access.connectionsKey(peer);
        boolean opened = key == null ? openAny() : openOne(key);
        if (!opened) metrics.tooManyConnections();
        return opened;
    }

    private synchronized boolean openAny() {
        if (total >= limits.maxConnections()) return false;
        total++;
        return true;
    }

    private synchronized boolean openOne(String key) {
        int open = byKey.getOrDefault(key, 0);
        if (open >= limits.connectionsPerAddress() || !openAny()) return false;
        byKey.put(key, open + 1);
        return true;
    }

    void close(InetAddress peer) {
        String key = access.connectionsKey(peer);
        synchronized (this) {
            total--;
            if (key != null) byKey.computeIfPresent(key, (_, open) -> open == 1 ? null : open - 1);
        }
    }

    synchronized int total() {
        return total;
    }
}
