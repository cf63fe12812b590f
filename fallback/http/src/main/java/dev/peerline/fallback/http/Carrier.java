package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.CarrierKind;

/** What keepers of sessions know of a carrier. Thread-safe; called without any lock. */
public interface Carrier {
    /** What others are told that its peer is on. */
    CarrierKind kind();

    /** There may be something to write: entries, datagrams or an acknowledgement. */
    void wake();

    /** The same from a thread that has others to wake, and must not write for all of them. */
    default void wakeSoon() {
        wake();
    }

    /** What its client is told to keep to. */
    LinkLimits limits();

    /** Whether its client is told that the server answers offers of a data channel. */
    default boolean takesOffers() {
        return false;
    }

    /** What it sent was taken: its client is to be told so within the time that frames may wait. */
    default void taken() {}

    /** Its client gave a sign of life by another way, a POST. */
    default void heard() {}

    /**
     * Writes what is queued (not what is in the log), the refusal, and ends. Only the first counts.
     */
    void end(Ending ending);
}
