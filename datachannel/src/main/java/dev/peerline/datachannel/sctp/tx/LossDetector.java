package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.Nullable;

/**
 * RACK (RFC 8985) on TSNs: a chunk is lost when one sent later has arrived, and a reordering window
 * has passed. It finds lost retransmissions too, which counting missing reports (RFC 9260 §7.2.4)
 * cannot. Not thread-safe.
 */
final class LossDetector {
    /** RFC 8985 §3.3.1: as many reports as a sender without RACK would wait for. */
    private static final int DUPLICATE_THRESHOLD = 3;

    private static final int MAX_WINDOW_STEPS = 8;

    /** RFC 8985 §6.2 step 4: a wider window is kept for this many loss events. */
    private static final int WINDOW_PERSISTS = 16;

    private long sentNanos = Long.MIN_VALUE;
    private long tsn;
    private long rttNanos;
    private long markedSentNanos = Long.MIN_VALUE;
    private long markedTsn;
    private long markedRttNanos;
    private long highestAcked;
    private boolean reorderingSeen;
    private int windowSteps = 1;
    private int windowPersists;
    private long windowGrewNanos;
    private long deadlineNanos = Long.MAX_VALUE;

    /** Step 1 to 3: learns from a chunk that was acknowledged. */
    void onAcked(SentChunk chunk, long minRttNanos, long nowNanos) {
        if (chunk.tsn > highestAcked) highestAcked = chunk.tsn;
        else if (chunk.transmissions == 1) reorderingSeen = true;
        long rtt = nowNanos - chunk.sentNanos;
        // The acknowledgement is of an earlier transmission.
        if (chunk.transmissions > 1 && rtt < minRttNanos) return;
        if (!isNewer(chunk)) return;
        sentNanos = chunk.sentNanos;
        tsn = chunk.tsn;
        rttNanos = rtt;
    }

    /** Nothing that was sent later has been acknowledged yet. */
    boolean isNewer(SentChunk chunk) {
        return chunk.sentNanos > sentNanos || (chunk.sentNanos == sentNanos && chunk.tsn > tsn);
    }

    /** Step 4: the peer got a TSN twice, so one was sent again too early. */
    void onDuplicate(long smoothedRttNanos, long nowNanos) {
        if (nowNanos - windowGrewNanos < smoothedRttNanos) return;
        windowGrewNanos = nowNanos;
        windowSteps = Math.min(windowSteps + 1, MAX_WINDOW_STEPS);
        windowPersists = WINDOW_PERSISTS;
    }

    void onLossEvent() {
        if (windowPersists > 0 && --windowPersists == 0) windowSteps = 1;
    }

    /** When {@link #nextLost} must be asked again although nothing arrived. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Step 5: the next chunk that must be considered lost by now; null when there is none. */
    @Nullable SentChunk nextLost(
            Outstanding outstanding, RttEstimator rtt, boolean recovering, long nowNanos) {
        deadlineNanos = Long.MAX_VALUE;
        // Sorted by time, so the first one decides.
        SentChunk earliest = outstanding.earliestInFlight();
        if (earliest == null || isNewer(earliest) || isItself(earliest)) return null;
        long lostAt = earliest.sentNanos + rttNanos + window(outstanding, rtt, recovering);
        if (lostAt <= nowNanos) return earliest;
        deadlineNanos = lostAt;
        return null;
    }

    private boolean isItself(SentChunk chunk) {
        return chunk.sentNanos == sentNanos && chunk.tsn == tsn;
    }

    private long window(Outstanding outstanding, RttEstimator rtt, boolean recovering) {
        boolean enough = recovering || outstanding.gapAcked() >= DUPLICATE_THRESHOLD;
        if (!reorderingSeen && enough) return 0;
        return Math.min(windowSteps * rtt.min() / 4, rtt.smoothed());
    }

    /** T3-rtx has expired: what is learnt from here on may have to be forgotten. */
    void mark() {
        markedSentNanos = sentNanos;
        markedTsn = tsn;
        markedRttNanos = rttNanos;
    }

    /** Whether the chunk was in flight, by what was known at the mark. */
    boolean isNewerThanMark(SentChunk chunk) {
        return chunk.sentNanos > markedSentNanos
                || (chunk.sentNanos == markedSentNanos && chunk.tsn > markedTsn);
    }

    /**
     * The timeout was for nothing: what was sent again because of it does not tell what of the rest
     * is lost; what had been known does, and what arrived at the first attempt.
     */
    void rewind(SpuriousTimeout.Newest newest) {
        boolean newer = newest.sentNanos > markedSentNanos;
        sentNanos = newer ? newest.sentNanos : markedSentNanos;
        tsn = newer ? newest.tsn : markedTsn;
        rttNanos = newer ? newest.rttNanos : markedRttNanos;
    }

    /** Another path: nothing that was sent on the old one tells about the new one. */
    void reset() {
        sentNanos = Long.MIN_VALUE;
        reorderingSeen = false;
        deadlineNanos = Long.MAX_VALUE;
    }
}
