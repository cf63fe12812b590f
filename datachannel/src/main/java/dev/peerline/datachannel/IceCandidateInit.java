package dev.peerline.datachannel;

import org.jspecify.annotations.Nullable;

/**
 * A candidate, for the other side to be told (the W3C's RTCIceCandidateInit).
 *
 * @param candidate {@code candidate:…}, or empty for the end of candidates
 * @param sdpMid the section that it is for, or null
 * @param sdpMLineIndex the place of that section, or -1
 * @param usernameFragment of the session that it is for, or null
 */
public record IceCandidateInit(
        String candidate,
        @Nullable String sdpMid,
        int sdpMLineIndex,
        @Nullable String usernameFragment) {
    /** A candidate of the only section there is. */
    public static IceCandidateInit of(String candidate) {
        return new IceCandidateInit(candidate, null, -1, null);
    }
}
