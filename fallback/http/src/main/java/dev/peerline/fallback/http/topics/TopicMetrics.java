package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.wire.CarrierKind;

/** Where topics count what they do. From any thread: it adds to a counter and nothing else. */
public interface TopicMetrics {
    /** A message was taken, with a body of so many bytes; a retry that was recognised counts. */
    void published(int bytes);

    /** So many messages were written to a reader. */
    void delivered(CarrierKind kind, int messages);

    /** A reader was told of a gap. */
    void gap();

    /** A reader is there; each poll is one. */
    void opened(CarrierKind kind);

    /** A reader is gone. */
    void closed(CarrierKind kind);

    /** A request was answered that HTTP's own counters do not see. */
    void repeated();

    /** A request was refused, or a stream ended, for this reason. */
    void refused(TopicError error);
}
