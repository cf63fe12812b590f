package dev.peerline.fallback.link.mailbox;

import dev.peerline.fallback.link.wire.Bytes;

/**
 * What is appended: a small header of its own, and a body that may be shared with the entries of
 * other logs, so that one envelope to fifty peers is held once.
 */
public record LogEntry(Bytes header, Bytes body) {
    /** What an entry costs beside its bytes: objects, array headers, its place in a log. */
    static final int OVERHEAD_BYTES = 96;

    public int length() {
        return header.length() + body.length();
    }

    /** What it counts against a limit, as if nobody shared its body. */
    long cost() {
        return length() + (long) OVERHEAD_BYTES;
    }
}
