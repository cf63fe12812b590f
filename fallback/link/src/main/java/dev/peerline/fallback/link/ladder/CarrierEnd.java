package dev.peerline.fallback.link.ladder;

/** How a carrier ended. */
public enum CarrierEnd {
    /** It did not come to live, or died. */
    LOST,
    /** Not even an answer of somebody else. */
    UNREACHABLE,
    /** The server knows a newer one. */
    OVERTAKEN
}
