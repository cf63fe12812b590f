package dev.peerline.fallback.link.pair;

/** What came of an attempt to send. */
public sealed interface SendResult {
    /**
     * The message is on its way.
     *
     * @param handle what its {@link PairEvent.Settled} will name
     */
    record Queued(long handle) implements SendResult {}

    /**
     * It is not.
     *
     * @param limitBytes the limit that it would exceed
     */
    record Refused(Reason reason, int limitBytes) implements SendResult {}

    /** Why a message is refused; the names are those of the SDKs' error codes. */
    enum Reason {
        /** All that is not acknowledged is at its limit: await earlier sends. */
        QUEUE_FULL,
        /** Send larger data as a file. */
        MESSAGE_TOO_LARGE
    }
}
