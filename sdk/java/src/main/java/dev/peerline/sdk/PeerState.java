package dev.peerline.sdk;

/** Whether a peer is in the room. */
public enum PeerState {
    HERE,
    /** Without a connection for a while; what is sent to it waits. */
    AWAY,
    GONE
}
