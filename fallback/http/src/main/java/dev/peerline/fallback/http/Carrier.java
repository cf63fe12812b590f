package dev.peerline.fallback.http;

/** What keepers of sessions know of a carrier. Thread-safe; called without any lock. */
public interface Carrier {
    /** There may be something to write: entries, datagrams or an acknowledgement. */
    void wake();

    /** What its client is told to keep to. */
    LinkLimits limits();

    /**
     * Writes what is queued (not what is in the log), the refusal, and ends. Only the first counts.
     */
    void end(Ending ending);
}
