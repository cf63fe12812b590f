package dev.peerline.turn.allocation;

import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.turn.policy.RateLimit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * One allocation (RFC 8656 §5): a 5-tuple, its relayed addresses, who may send to it. Owned by one
 * loop. Not thread-safe.
 */
public final class Allocation {
    /**
     * Whose it is.
     *
     * @param username as it was authenticated
     * @param account what quotas go by: of time-limited names, the part after the time
     */
    public record Owner(String username, String account, Secret secret) {}

    /** The key of the credential and the kind of integrity that goes with it. */
    public static final class Secret {
        private final byte[] key;
        private final StunIntegrity.Kind kind;

        public Secret(byte[] key, StunIntegrity.Kind kind) {
            this.key = key.clone();
            this.kind = kind;
        }

        /** Not a copy: for MACs alone. */
        public byte[] key() {
            return key;
        }

        public StunIntegrity.Kind kind() {
            return kind;
        }
    }

    private final Owner owner;
    private @Nullable RelayPort ipv4;
    private @Nullable RelayPort ipv6;
    private final Permissions permissions = new Permissions();
    private final Channels channels = new Channels();
    private final int transactionHigh;
    private final long transactionLow;
    private Client client;
    private long expiresAtNanos;
    private long reservationToken;
    private @Nullable RateLimit bandwidth;
    private List<PeerConnection> connections = List.of();
    private @Nullable Object ticket;
    int heapIndex = -1;
    long wakeAtNanos;

    /**
     * @param ipv4 at least one of the two ports is there
     * @param transactionHigh of the request, to know it when it comes again
     */
    public Allocation(
            Owner owner,
            Client client,
            @Nullable RelayPort ipv4,
            @Nullable RelayPort ipv6,
            int transactionHigh,
            long transactionLow) {
        this.owner = owner;
        this.client = client;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.transactionHigh = transactionHigh;
        this.transactionLow = transactionLow;
        if (ipv4 != null) ipv4.allocation(this);
        if (ipv6 != null) ipv6.allocation(this);
    }

    public Owner owner() {
        return owner;
    }

    public Client client() {
        return client;
    }

    /** After a move to another 5-tuple (RFC 8016). */
    public void client(Client newClient) {
        client = newClient;
    }

    public @Nullable RelayPort ipv4() {
        return ipv4;
    }

    public @Nullable RelayPort ipv6() {
        return ipv6;
    }

    /** The port that reaches peers of this family. */
    public @Nullable RelayPort port(boolean isIpv4) {
        return isIpv4 ? ipv4 : ipv6;
    }

    public Permissions permissions() {
        return permissions;
    }

    public Channels channels() {
        return channels;
    }

    public boolean madeBy(int idHigh, long idLow) {
        return transactionHigh == idHigh && transactionLow == idLow;
    }

    public long expiresAtNanos() {
        return expiresAtNanos;
    }

    public void expiresAtNanos(long nanos) {
        expiresAtNanos = nanos;
    }

    /** Of the next higher port, kept for a second allocation; 0 for none. */
    public long reservationToken() {
        return reservationToken;
    }

    public void reservationToken(long token) {
        reservationToken = token;
    }

    /** Shared with the other allocations of the account; null for no limit. */
    public @Nullable RateLimit bandwidth() {
        return bandwidth;
    }

    public void bandwidth(@Nullable RateLimit limit) {
        bandwidth = limit;
    }

    /** Gives up one of two families (RFC 8656 §8.2); the port is closed by the caller. */
    public void drop(boolean isIpv4) {
        if (isIpv4) ipv4 = null;
        else ipv6 = null;
    }

    /** With which it may be moved to another 5-tuple (RFC 8016); null for not at all. */
    public @Nullable Object ticket() {
        return ticket;
    }

    public void ticket(Object newTicket) {
        ticket = newTicket;
    }

    /** The same port in the hands of another loop. */
    public void replace(RelayPort port) {
        if (port.local().isIpv4()) ipv4 = port;
        else ipv6 = port;
        port.allocation(this);
    }

    public boolean isTcp() {
        return (ipv4 != null && ipv4.isTcp()) || (ipv6 != null && ipv6.isTcp());
    }

    /** TCP connections with peers; not to be changed here. */
    public List<PeerConnection> connections() {
        return connections;
    }

    public void add(PeerConnection connection) {
        if (connections.isEmpty()) connections = new ArrayList<>(1);
        connections.add(connection);
    }

    public void remove(PeerConnection connection) {
        if (!connections.isEmpty()) connections.remove(connection);
    }

    public void closePorts() {
        if (ipv4 != null) ipv4.close();
        if (ipv6 != null) ipv6.close();
    }
}
