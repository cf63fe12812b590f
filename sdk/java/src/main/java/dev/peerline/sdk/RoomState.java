package dev.peerline.sdk;

/** How it goes between a room and its server. */
public enum RoomState {
    /** Not joined yet. */
    CONNECTING,
    OPEN,
    /** The session has no carrier that answers; another is being tried. Sends wait. */
    RECOVERING,
    /** For good. */
    CLOSED
}
