package dev.peerline.fallback.link.pair;

/** The carrier that the frames of a pair travel on, the higher first. */
public enum PairPath {
    /** The pair's data channel. */
    DIRECT,
    /** Envelopes, through the server. */
    SESSION
}
