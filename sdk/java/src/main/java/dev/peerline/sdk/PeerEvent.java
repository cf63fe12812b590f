package dev.peerline.sdk;

/** Somebody came or went. */
public record PeerEvent(Kind kind, Peer peer) {
    /** What became of a peer. */
    public enum Kind {
        JOINED,
        /** Without a connection for a while; what is sent to it waits. */
        AWAY,
        /** It has a connection again, or its page was loaded anew. */
        BACK,
        /** Gone: what was not delivered to it is missed. */
        LEFT
    }
}
