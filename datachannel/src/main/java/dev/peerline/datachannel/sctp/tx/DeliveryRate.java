package dev.peerline.datachannel.sctp.tx;

import dev.peerline.datachannel.sctp.congestion.AckSample;

/**
 * Measures how fast the path delivers: what was delivered between the sending of a chunk and its
 * acknowledgement, by the longer of the times that sending and acknowledging took
 * (draft-cheng-iccrg-delivery-rate-estimation). Not thread-safe.
 */
final class DeliveryRate {
    private long deliveredBytes;
    private long deliveredNanos;
    private long firstSentNanos;

    /** The application had nothing to send until this much is delivered; 0 when it had. */
    private long appLimitedUntilBytes;

    // The newest chunk of the SACK that is being processed.
    private boolean hasNewest;
    private long newestSentNanos;
    private long newestFirstSentNanos;
    private long newestDeliveredNanos;
    private long newestDeliveredBytes;
    private boolean newestAppLimited;

    long deliveredBytes() {
        return deliveredBytes;
    }

    void onSent(SentChunk chunk, boolean nothingInFlight, long nowNanos) {
        if (nothingInFlight) {
            firstSentNanos = nowNanos;
            deliveredNanos = nowNanos;
        }
        chunk.firstSentNanosAtSend = firstSentNanos;
        chunk.deliveredNanosAtSend = deliveredNanos;
        chunk.deliveredBytesAtSend = deliveredBytes;
        chunk.appLimitedAtSend = appLimitedUntilBytes != 0;
    }

    /** The sender runs out of data, with this much in flight. */
    void onAppLimited(long inFlightBytes) {
        appLimitedUntilBytes = Math.max(1, deliveredBytes + inFlightBytes);
    }

    void onAcked(SentChunk chunk, long nowNanos) {
        deliveredBytes += chunk.wireBytes;
        deliveredNanos = nowNanos;
        boolean newer = !hasNewest || chunk.deliveredBytesAtSend > newestDeliveredBytes;
        boolean later =
                hasNewest
                        && chunk.deliveredBytesAtSend == newestDeliveredBytes
                        && chunk.sentNanos >= newestSentNanos;
        if (!newer && !later) return;
        hasNewest = true;
        newestSentNanos = chunk.sentNanos;
        newestFirstSentNanos = chunk.firstSentNanosAtSend;
        newestDeliveredNanos = chunk.deliveredNanosAtSend;
        newestDeliveredBytes = chunk.deliveredBytesAtSend;
        newestAppLimited = chunk.appLimitedAtSend;
        firstSentNanos = chunk.sentNanos;
    }

    /** Completes the sample of this SACK. */
    void finish(AckSample sample, long minRttNanos) {
        sample.deliveredBytes = deliveredBytes;
        if (appLimitedUntilBytes != 0 && deliveredBytes > appLimitedUntilBytes)
            appLimitedUntilBytes = 0;
        if (!hasNewest) return;
        hasNewest = false;
        sample.priorDeliveredBytes = newestDeliveredBytes;
        sample.appLimited = newestAppLimited;
        long sending = newestSentNanos - newestFirstSentNanos;
        long acknowledging = deliveredNanos - newestDeliveredNanos;
        long interval = Math.max(sending, acknowledging);
        // Shorter than any round trip: an acknowledgement of an earlier transmission.
        if (interval < minRttNanos || interval <= 0) return;
        double bytes = deliveredBytes - newestDeliveredBytes;
        sample.deliveryRate = (long) (bytes * 1e9 / interval);
    }
}
