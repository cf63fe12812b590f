package dev.peerline.turn.allocation;

/** A TCP connection with a peer, as the driver has it. */
public interface PeerStream {
    /** Ends it. */
    void close();
}
