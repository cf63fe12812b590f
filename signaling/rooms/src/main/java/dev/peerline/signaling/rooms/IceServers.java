package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Visitor;

/** The STUN and TURN servers a peer is told of when it is welcomed. */
@FunctionalInterface
public interface IceServers {
    /** No servers: peers find each other by their own addresses alone. */
    IceServers NONE = (_, _) -> "{\"iceServers\":[],\"ttl\":3600}";

    /**
     * The JSON text that {@code GET /v1/ice-servers} answers with, with credentials for this peer.
     * Called from I/O threads, never under a lock.
     *
     * @param peerId the peer's id, 22 characters of base64url
     * @param visitor where it comes from, for servers that are named by the host it used
     */
    String json(String peerId, Visitor visitor);
}
