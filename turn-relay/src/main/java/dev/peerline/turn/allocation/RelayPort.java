package dev.peerline.turn.allocation;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/** A bound relayed transport address. */
public abstract class RelayPort {
    private final TransportAddress local;
    private final TransportAddress relayed;
    private @Nullable Allocation allocation;

    /**
     * @param local what is bound
     * @param relayed what clients and peers are told
     */
    protected RelayPort(TransportAddress local, TransportAddress relayed) {
        this.local = local;
        this.relayed = relayed;
    }

    public final TransportAddress local() {
        return local;
    }

    public final TransportAddress relayed() {
        return relayed;
    }

    /** Whether peers are reached by TCP (RFC 6062). */
    public boolean isTcp() {
        return false;
    }

    public final @Nullable Allocation allocation() {
        return allocation;
    }

    final void allocation(Allocation owner) {
        allocation = owner;
    }

    /** Frees the port at once. */
    public abstract void close();
}
