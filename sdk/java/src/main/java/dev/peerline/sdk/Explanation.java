package dev.peerline.sdk;

/**
 * Why a peer is reached the way it is.
 *
 * @param code stable, such as {@code PEER_AWAY}
 * @param text the same, as a sentence
 */
public record Explanation(String code, String text) {}
