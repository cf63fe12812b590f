package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.congestion.AckSample;

import org.junit.jupiter.api.Test;

/** Chunks of 1000 bytes on a path of 40 ms (draft-cheng-iccrg-delivery-rate-estimation). */
final class DeliveryRateTest {
    private static final long MILLIS = 1_000_000;
    private static final long RTT = 40 * MILLIS;

    private final DeliveryRate rate = new DeliveryRate();
    private final AckSample sample = new AckSample();

    private SentChunk send(boolean nothingInFlight, long nowNanos) {
        SentChunk chunk = new SentChunk();
        chunk.wireBytes = 1000;
        chunk.sentNanos = nowNanos;
        rate.onSent(chunk, nothingInFlight, nowNanos);
        return chunk;
    }

    private AckSample finish() {
        sample.reset(0);
        rate.finish(sample, RTT);
        return sample;
    }

    @Test
    void aLoneChunkGoesAtItsSizeARoundTrip() {
        SentChunk chunk = send(true, 100 * MILLIS);
        rate.onAcked(chunk, 140 * MILLIS);
        assertEquals(25_000, finish().deliveryRate);
        assertEquals(1000, sample.deliveredBytes);
        assertEquals(0, sample.priorDeliveredBytes);
        assertEquals(1000, rate.deliveredBytes());
    }

    /** The longer of the times that sending and acknowledging took. */
    @Test
    void aBurstThatTookLongerToSendThanToAcknowledgeIsMeasuredByItsSending() {
        SentChunk first = send(true, 0);
        SentChunk second = send(false, 100 * MILLIS);
        rate.onAcked(first, 120 * MILLIS);
        assertEquals(1_000_000_000_000L / (120 * MILLIS), finish().deliveryRate);
        rate.onAcked(second, 140 * MILLIS);
        // Two chunks delivered since the second was sent with nothing delivered: 140 ms.
        assertEquals(2_000_000_000_000L / (140 * MILLIS), finish().deliveryRate);
        SentChunk third = send(false, 150 * MILLIS);
        SentChunk fourth = send(false, 350 * MILLIS);
        rate.onAcked(third, 351 * MILLIS);
        assertEquals(1_000_000_000_000L / (211 * MILLIS), finish().deliveryRate);
        rate.onAcked(fourth, 352 * MILLIS);
        assertEquals(2000, sample.priorDeliveredBytes);
    }

    @Test
    void sendingSlowerThanAcknowledgingIsTheLimit() {
        SentChunk first = send(true, 0);
        SentChunk last = send(false, 200 * MILLIS);
        rate.onAcked(first, 200 * MILLIS);
        finish();
        rate.onAcked(last, 201 * MILLIS);
        assertEquals(2_000_000_000_000L / (201 * MILLIS), finish().deliveryRate);
        SentChunk next = send(false, 210 * MILLIS);
        rate.onAcked(next, 250 * MILLIS);
        // Acknowledged 49 ms after the one before, sent 10 ms after it.
        assertEquals(1_000_000_000_000L / (49 * MILLIS), finish().deliveryRate);
    }

    @Test
    void anAcknowledgementSoonerThanAnyRoundTripTellsNoRate() {
        SentChunk chunk = send(true, 0);
        rate.onAcked(chunk, RTT - 1);
        assertEquals(0, finish().deliveryRate);
        assertEquals(1000, sample.deliveredBytes);
        SentChunk exact = send(true, RTT);
        rate.onAcked(exact, 2 * RTT);
        assertEquals(25_000, finish().deliveryRate);
        SentChunk still = send(true, 3 * RTT);
        rate.onAcked(still, 3 * RTT);
        rate.finish(sample, 0);
        assertEquals(25_000, sample.deliveryRate);
    }

    /** Of those that one SACK acknowledges the one that was sent last tells. */
    @Test
    void theNewestOfASackTells() {
        SentChunk first = send(true, 0);
        SentChunk second = send(false, 0);
        rate.onAcked(first, RTT);
        finish();
        SentChunk third = send(false, RTT);
        SentChunk fourth = send(false, RTT + MILLIS);
        rate.onAcked(third, 2 * RTT);
        rate.onAcked(second, 2 * RTT);
        rate.onAcked(fourth, 2 * RTT);
        // Sending the fourth began with the first: a millisecond longer than acknowledging.
        assertEquals(3_000_000_000_000L / (RTT + MILLIS), finish().deliveryRate);
        assertEquals(1000, sample.priorDeliveredBytes);
        // The next one's sending is counted from the fourth's.
        SentChunk fifth = send(false, 5 * RTT);
        rate.onAcked(fifth, 6 * RTT);
        assertEquals(1_000_000_000_000L / (4 * RTT), finish().deliveryRate);
    }

    @Test
    void anOlderOneThatArrivesLaterDoesNotTell() {
        SentChunk first = send(true, 0);
        SentChunk second = send(false, MILLIS);
        rate.onAcked(second, RTT + MILLIS);
        rate.onAcked(first, RTT + MILLIS);
        SentChunk third = send(false, RTT + 2 * MILLIS);
        finish();
        rate.onAcked(third, 2 * RTT + 2 * MILLIS);
        assertEquals(1_000_000_000_000L / (RTT + MILLIS), finish().deliveryRate);
        assertEquals(2000, sample.priorDeliveredBytes);
    }

    @Test
    void aSackThatAcknowledgesNothingTellsNoRate() {
        SentChunk chunk = send(true, 0);
        rate.onAcked(chunk, RTT);
        finish();
        assertEquals(0, finish().deliveryRate);
        assertEquals(0, sample.priorDeliveredBytes);
        assertEquals(1000, sample.deliveredBytes);
    }

    /** What leaves while the application has no more tells of it, until that is delivered. */
    @Test
    void marksWhatWasSentWhileTheApplicationHadNoMore() {
        SentChunk before = send(true, 0);
        rate.onAppLimited(1000);
        SentChunk limited = send(false, MILLIS);
        rate.onAcked(before, RTT);
        assertFalse(finish().appLimited);
        SentChunk still = send(false, RTT);
        rate.onAcked(limited, RTT + MILLIS);
        assertTrue(finish().appLimited);
        SentChunk after = send(false, RTT + 2 * MILLIS);
        rate.onAcked(still, 2 * RTT);
        assertTrue(finish().appLimited);
        rate.onAcked(after, 2 * RTT + 2 * MILLIS);
        assertFalse(finish().appLimited);
    }

    @Test
    void nothingInFlightIsALimitToo() {
        rate.onAppLimited(0);
        SentChunk chunk = send(true, 0);
        rate.onAcked(chunk, RTT);
        assertTrue(finish().appLimited);
    }
}
