package dev.peerline.turn.allocation;

import dev.peerline.net.TransportAddress;
import dev.peerline.turn.policy.OwnAddresses;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports that wait for a second allocation (RFC 8656 §7.2, EVEN-PORT with R). A token is good for
 * its owner alone, once, for 30 seconds. Bounded by the allocations that made them. Thread-safe.
 */
public final class Reservations {
    private static final long LIFETIME_NANOS = 30_000_000_000L;

    private record Reservation(TransportAddress port, String account, long expiresAtNanos) {}

    private final ConcurrentHashMap<Long, Reservation> byToken = new ConcurrentHashMap<>();
    private final OwnAddresses own;

    public Reservations(OwnAddresses own) {
        this.own = own;
    }

    /** Keeps a port that was taken from {@link OwnAddresses}. */
    public void keep(long token, TransportAddress port, String account, long nowNanos) {
        byToken.put(token, new Reservation(port, account, nowNanos + LIFETIME_NANOS));
    }

    /** The port, now the caller's, or null if the token is unknown, too old or somebody else's. */
    public @Nullable TransportAddress claim(long token, String account, long nowNanos) {
        Reservation found = byToken.get(token);
        if (found == null || !found.account.equals(account)) return null;
        if (found.expiresAtNanos - nowNanos <= 0 || !byToken.remove(token, found)) return null;
        return found.port;
    }

    public void dropExpired(long nowNanos) {
        byToken.forEach(
                (token, it) -> {
                    if (it.expiresAtNanos - nowNanos <= 0 && byToken.remove(token, it)) {
                        own.releasePort(it.port);
                    }
                });
    }

    public int count() {
        return byToken.size();
    }
}
