package dev.peerline.turn.allocation;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/**
 * A TCP connection between an allocation and a peer (RFC 6062 §5): first it is made, then it waits
 * for the client to come for it with a connection of its own. Owned by one loop. Not thread-safe.
 */
public final class PeerConnection {
    /** RFC 6062 §5.2, §5.3: 30 s to connect, and as long to be bound. */
    public static final long PATIENCE_NANOS = 30_000_000_000L;

    private final int id;
    private final Allocation allocation;
    private final TransportAddress peer;
    private byte[] connectRequest;
    private @Nullable PeerStream stream;
    private long deadlineNanos;
    private boolean bound;

    /**
     * A connection that is not there yet.
     *
     * @param id what the client comes for it with; hard to guess
     * @param connectRequest what is to be answered when it is there; empty if the peer began
     */
    public PeerConnection(
            int id,
            Allocation allocation,
            TransportAddress peer,
            byte[] connectRequest,
            long nowNanos) {
        this.id = id;
        this.allocation = allocation;
        this.peer = peer;
        this.connectRequest = connectRequest.clone();
        deadlineNanos = nowNanos + PATIENCE_NANOS;
    }

    public int id() {
        return id;
    }

    public Allocation allocation() {
        return allocation;
    }

    public TransportAddress peer() {
        return peer;
    }

    /** The request to answer, once; empty where there is none. */
    public byte[] takeConnectRequest() {
        byte[] taken = connectRequest;
        connectRequest = new byte[0];
        return taken;
    }

    public @Nullable PeerStream stream() {
        return stream;
    }

    /** It is there, and waits for the client. */
    public void stream(PeerStream made, long nowNanos) {
        stream = made;
        deadlineNanos = nowNanos + PATIENCE_NANOS;
    }

    public boolean isBound() {
        return bound;
    }

    public void bind() {
        bound = true;
    }

    public boolean isOverdue(long nowNanos) {
        return !bound && deadlineNanos - nowNanos <= 0;
    }

    public void close() {
        if (stream != null) stream.close();
    }
}
