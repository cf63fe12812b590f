package dev.peerline.datachannel.sctp.tx;

/**
 * Notices that T3-rtx expired although nothing was lost: the acknowledgements were only late. SCTP
 * has no timestamps, so it tells the two apart as F-RTO does (RFC 5682 §3), by the acknowledgement
 * of what was not sent again, and by one that comes sooner than any round trip. Not thread-safe.
 */
final class SpuriousTimeout {
    /**
     * With more gaps than this the newest SACK may have left some out for want of room, and a later
     * one acknowledges what had long arrived: that proves nothing.
     */
    static final int MAX_GAPS = 16;

    /** The newest first transmission that has arrived: what RACK may go by. */
    static final class Newest {
        long tsn;
        long sentNanos;
        long rttNanos;
    }

    private final Newest newest = new Newest();
    private boolean watching;
    private boolean asking;
    private boolean proven;
    private long expiredNanos;
    private long lastTsn = Long.MIN_VALUE;

    /** What was sent again since the timeout, and before it was known to be for nothing. */
    private long ambiguousFromNanos = Long.MAX_VALUE;

    private long ambiguousToNanos = Long.MIN_VALUE;

    /**
     * T3-rtx has expired, with TSNs up to this one outstanding.
     *
     * @param asksFirst one packet leaves, and no other before it is answered
     */
    void onTimeout(long lastOutstandingTsn, boolean asksFirst, long nowNanos) {
        watching = true;
        asking = asksFirst;
        proven = false;
        expiredNanos = nowNanos;
        lastTsn = lastOutstandingTsn;
        newest.sentNanos = Long.MIN_VALUE;
    }

    /** Nothing was heard since the timeout. */
    boolean isAsking() {
        return asking;
    }

    /** Something was acknowledged. */
    void onAnswer() {
        asking = false;
    }

    /** Another path: whatever was late on the old one. */
    void reset() {
        watching = false;
        asking = false;
    }

    /** A chunk is acknowledged; its state is still that before. */
    void onAcked(SentChunk chunk, long minRttNanos, long nowNanos) {
        if (!watching || chunk.tsn > lastTsn) return;
        boolean first = chunk.state == SentChunk.State.LOST && chunk.transmissions == 1;
        boolean tooSoon =
                chunk.transmissions > 1
                        && chunk.sentNanos >= expiredNanos
                        && nowNanos - chunk.sentNanos < minRttNanos;
        if (first || tooSoon) proven = true;
        if (!first || chunk.sentNanos < newest.sentNanos) return;
        newest.tsn = chunk.tsn;
        newest.sentNanos = chunk.sentNanos;
        newest.rttNanos = nowNanos - chunk.sentNanos;
    }

    /**
     * A SACK was read: whether it proves the timeout wrong, which is said once.
     *
     * @param cumulativeAdvanced else the earliest chunk may well be lost
     */
    boolean isProven(boolean cumulativeAdvanced, long nowNanos) {
        if (!proven) return false;
        proven = false;
        if (!cumulativeAdvanced) return false;
        watching = false;
        ambiguousFromNanos = expiredNanos;
        ambiguousToNanos = nowNanos;
        return true;
    }

    /** Whether nobody knows which transmission it is that was acknowledged: likely the first. */
    boolean isAmbiguous(SentChunk chunk) {
        return chunk.transmissions > 1
                && chunk.sentNanos >= ambiguousFromNanos
                && chunk.sentNanos <= ambiguousToNanos;
    }

    Newest newestFirst() {
        return newest;
    }
}
