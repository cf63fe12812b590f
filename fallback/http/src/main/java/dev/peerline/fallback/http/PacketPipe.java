package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;

/**
 * What brings whole packets to a client, in order, and none of them to anybody else: what a carrier
 * needs of a protocol that is not HTTP. Called by one thread at a time, but for {@link #hand} and
 * {@link #cut}.
 */
public interface PacketPipe {
    /**
     * Sends a packet, and says by {@link PipeCarrier#sent} when there is room for the next, on this
     * thread or another; or {@link PipeCarrier#broken}.
     */
    void send(Bytes packet);

    /** Nothing follows: tells the client the code, then ends as soon as what was sent has left. */
    void hangUp(int closeCode);

    /** Ends without another word. */
    void cut();

    /** Brings up nothing more, or goes on with it; nothing is lost meanwhile. */
    void reading(boolean on);

    /** Runs it soon, and not on the thread that asks. */
    void hand(Runnable task);
}
