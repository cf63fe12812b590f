package dev.peerline.turn.allocation;

import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.policy.OwnAddresses;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports that wait for a second allocation (RFC 8656 §7.2, EVEN-PORT with R). A token is good for
 * its owner alone, once, for 30 seconds. They are bound meanwhile, so that no other program takes
 * one. Bounded by the allocations that made them. Thread-safe.
 */
public final class Reservations {
    private static final long LIFETIME_NANOS = 30_000_000_000L;

    /**
     * A port that is kept.
     *
     * @param port its addresses
     * @param socket what is bound to it; null if a socket cannot leave its loop: then it is free
     *     for other programs until it is claimed
     */
    public record Kept(RelayPort port, UdpSocket.@Nullable Detached socket) {
        void close() {
            if (socket != null) socket.close();
        }
    }

    private record Reservation(Kept kept, String account, long expiresAtNanos) {}

    private final ConcurrentHashMap<Long, Reservation> byToken = new ConcurrentHashMap<>();
    private final OwnAddresses own;

    public Reservations(OwnAddresses own) {
        this.own = own;
    }

    /** Keeps a port that was taken from {@link OwnAddresses}. */
    public void keep(long token, Kept kept, String account, long nowNanos) {
        byToken.put(token, new Reservation(kept, account, nowNanos + LIFETIME_NANOS));
    }

    /** The port, now the caller's, or null if the token is unknown, too old or somebody else's. */
    public @Nullable Kept claim(long token, String account, long nowNanos) {
        Reservation found = byToken.get(token);
        if (found == null || !found.account.equals(account)) return null;
        if (found.expiresAtNanos - nowNanos <= 0 || !byToken.remove(token, found)) return null;
        return found.kept;
    }

    public void dropExpired(long nowNanos) {
        byToken.forEach(
                (token, it) -> {
                    if (it.expiresAtNanos - nowNanos <= 0) drop(token, it);
                });
    }

    private void drop(long token, Reservation reservation) {
        if (!byToken.remove(token, reservation)) return;
        reservation.kept.close();
        own.releasePort(reservation.kept.port.local());
    }

    /** Frees all of them. */
    public void close() {
        byToken.forEach(this::drop);
    }

    public int count() {
        return byToken.size();
    }
}
