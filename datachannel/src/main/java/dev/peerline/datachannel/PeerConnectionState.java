package dev.peerline.datachannel;

/** Where a connection stands as a whole (the W3C's RTCPeerConnectionState). */
public enum PeerConnectionState {
    NEW,
    CONNECTING,
    CONNECTED,
    /** The path has fallen silent. It may come back by itself, or by {@code restartIce}. */
    DISCONNECTED,
    /**
     * No path works: a restart may find one. Or the DTLS handshake failed, which is final; {@link
     * PeerConnection#failureReason} tells.
     */
    FAILED,
    /** Closed by us, or, other than in the W3C's, by the peer. Nothing is held any more. */
    CLOSED
}
