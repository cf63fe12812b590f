package dev.peerline.sdk;

import java.util.List;

/**
 * Why a peer is reached the way it is.
 *
 * @param kind of the path
 * @param findings at least one; the first says most, and each rests on something that was seen
 */
public record Explanation(PathKind kind, List<Finding> findings) {
    public Explanation {
        findings = List.copyOf(findings);
    }

    /** Of the first finding, such as {@code DIRECT} or {@code PEER_AWAY}. */
    public String code() {
        return findings.getFirst().code();
    }

    /** The same, as a sentence. */
    public String text() {
        return findings.getFirst().text();
    }
}
