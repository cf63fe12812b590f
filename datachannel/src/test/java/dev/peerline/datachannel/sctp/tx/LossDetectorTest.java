package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RACK (RFC 8985 §6.2) on TSNs 1 to 10, sent a millisecond apart; the round trip is 40 ms. */
final class LossDetectorTest {
    private static final long MILLIS = 1_000_000;
    private static final long RTT = 40 * MILLIS;

    private final Outstanding outstanding = new Outstanding(1);
    private final RttEstimator rtt = new RttEstimator(400 * MILLIS, MILLIS, 10_000 * MILLIS);
    private final LossDetector detector = new LossDetector();
    private final SentChunk[] chunks = new SentChunk[11];

    @BeforeEach
    void send() {
        rtt.add(RTT, 0);
        for (int i = 1; i <= 10; i++) {
            chunks[i] = outstanding.append();
            chunks[i].wireBytes = 100;
            sent(i, i * MILLIS);
        }
    }

    private void sent(int number, long nanos) {
        chunks[number].transmissions++;
        chunks[number].sentNanos = nanos;
        outstanding.markInFlight(chunks[number]);
    }

    /** A SACK covers this one. */
    private void acked(int number, long nowNanos) {
        detector.onAcked(chunks[number], rtt.min(), nowNanos);
        outstanding.markAcked(chunks[number]);
    }

    private @Nullable SentChunk lost(long nowNanos) {
        SentChunk chunk = detector.nextLost(outstanding, rtt, false, nowNanos);
        if (chunk != null) outstanding.markLost(chunk);
        return chunk;
    }

    @Test
    void nothingIsLostBeforeAnythingArrived() {
        assertNull(lost(10_000 * MILLIS));
        assertEquals(Long.MAX_VALUE, detector.deadlineNanos());
    }

    /** Step 5: lost when one sent later has arrived, and a reordering window has passed. */
    @Test
    void waitsForTheReorderingWindow() {
        acked(2, 42 * MILLIS);
        assertNull(lost(42 * MILLIS));
        // Sent at 1, 40 for the round trip, 10 for the window: a quarter of the smallest.
        assertEquals(51 * MILLIS, detector.deadlineNanos());
        assertNull(lost(51 * MILLIS - 1));
        assertSame(chunks[1], lost(51 * MILLIS));
        assertNull(lost(51 * MILLIS));
        assertEquals(Long.MAX_VALUE, detector.deadlineNanos());
    }

    /** Step 4: without reordering, three reports or a recovery ask for no window. */
    @Test
    void doesNotWaitWhenThreeHaveArrived() {
        acked(2, 42 * MILLIS);
        acked(3, 43 * MILLIS);
        assertNull(lost(43 * MILLIS));
        acked(4, 44 * MILLIS);
        assertSame(chunks[1], lost(44 * MILLIS));
    }

    @Test
    void doesNotWaitDuringARecovery() {
        acked(2, 42 * MILLIS);
        assertSame(chunks[1], detector.nextLost(outstanding, rtt, true, 42 * MILLIS));
    }

    /** Once reordering was seen, it waits, however many have arrived. */
    @Test
    void waitsOnAPathThatReorders() {
        acked(3, 43 * MILLIS);
        acked(2, 44 * MILLIS);
        acked(4, 44 * MILLIS);
        acked(5, 45 * MILLIS);
        assertNull(lost(45 * MILLIS));
        assertEquals(51 * MILLIS, detector.deadlineNanos());
    }

    /** A lost retransmission is found as well, which counting missing reports cannot. */
    @Test
    void findsALostRetransmission() {
        for (int i = 2; i <= 4; i++) acked(i, 44 * MILLIS);
        assertSame(chunks[1], lost(44 * MILLIS));
        sent(1, 45 * MILLIS);
        for (int i = 5; i <= 10; i++) acked(i, 50 * MILLIS);
        assertNull(lost(50 * MILLIS));
        SentChunk later = outstanding.append();
        later.wireBytes = 100;
        later.transmissions = 1;
        later.sentNanos = 46 * MILLIS;
        outstanding.markInFlight(later);
        detector.onAcked(later, rtt.min(), 86 * MILLIS);
        outstanding.markAcked(later);
        assertSame(chunks[1], lost(86 * MILLIS));
    }

    /** Step 2: an acknowledgement sooner than any round trip is of the transmission before. */
    @Test
    void doesNotTakeTheFirstTransmissionForTheSecond() {
        outstanding.markLost(chunks[1]);
        sent(1, 41 * MILLIS);
        acked(1, 42 * MILLIS);
        assertNull(lost(500 * MILLIS));
        assertTrue(detector.isNewer(chunks[2]));
    }

    /** Step 4: a duplicate widens the window, once a round trip, for sixteen loss events. */
    @Test
    void waitsLongerOnceSomethingWasSentAgainForNothing() {
        detector.onDuplicate(RTT, 1_000 * MILLIS);
        detector.onDuplicate(RTT, 1_001 * MILLIS);
        acked(2, 42 * MILLIS);
        assertNull(lost(42 * MILLIS));
        assertEquals(61 * MILLIS, detector.deadlineNanos());
        // Never beyond a smoothed round trip.
        for (int i = 2; i < 20; i++) detector.onDuplicate(RTT, i * 1_000L * MILLIS);
        assertNull(lost(42 * MILLIS));
        assertEquals(81 * MILLIS, detector.deadlineNanos());
        for (int i = 0; i < 15; i++) detector.onLossEvent();
        assertNull(lost(42 * MILLIS));
        assertEquals(81 * MILLIS, detector.deadlineNanos());
        detector.onLossEvent();
        assertNull(lost(42 * MILLIS));
        assertEquals(51 * MILLIS, detector.deadlineNanos());
    }

    /** What was known before the timeout, and what arrived at the first attempt, is kept. */
    @Test
    void forgetsWhatTheRetransmissionsOfASpuriousTimeoutTold() {
        acked(2, 42 * MILLIS);
        detector.mark();
        assertFalse(detector.isNewerThanMark(chunks[1]));
        assertTrue(detector.isNewerThanMark(chunks[3]));
        outstanding.markLost(chunks[3]);
        sent(3, 200 * MILLIS);
        acked(3, 250 * MILLIS);
        assertFalse(detector.isNewer(chunks[10]));
        SpuriousTimeout.Newest newest = new SpuriousTimeout.Newest();
        newest.sentNanos = Long.MIN_VALUE;
        detector.rewind(newest);
        assertTrue(detector.isNewer(chunks[3 + 1]));
        assertFalse(detector.isNewer(chunks[2]));
        newest.sentNanos = 5 * MILLIS;
        newest.tsn = chunks[5].tsn;
        detector.rewind(newest);
        assertFalse(detector.isNewer(chunks[5]));
        assertTrue(detector.isNewer(chunks[6]));
    }

    @Test
    void forgetsWhatWasSentOnAnotherPath() {
        acked(3, 43 * MILLIS);
        acked(2, 43 * MILLIS);
        detector.reset();
        assertNull(lost(500 * MILLIS));
        assertEquals(Long.MAX_VALUE, detector.deadlineNanos());
    }

    /** RFC 5682: of what T3-rtx took for lost, the part that was not sent again is in flight. */
    @Test
    void putsBackInFlightWhatWasNotSentAgain() {
        for (int i = 1; i <= 10; i++) outstanding.markLost(chunks[i]);
        sent(1, 300 * MILLIS);
        sent(2, 300 * MILLIS);
        assertEquals(200, outstanding.inFlightBytes());
        outstanding.restoreLost();
        assertEquals(1000, outstanding.inFlightBytes());
        assertEquals(10, outstanding.inFlightChunks());
        assertNull(outstanding.firstLost());
        assertSame(chunks[3], outstanding.earliestInFlight());
        assertSame(chunks[2], outstanding.latestInFlight());
        for (int i = 3; i <= 10; i++) {
            assertSame(chunks[i], outstanding.earliestInFlight());
            outstanding.markAcked(chunks[i]);
        }
        assertSame(chunks[1], outstanding.earliestInFlight());
    }

    @Test
    void aTimeoutIsProvenWrongByWhatWasNotSentAgain() {
        SpuriousTimeout spurious = new SpuriousTimeout();
        for (int i = 1; i <= 10; i++) outstanding.markLost(chunks[i]);
        spurious.onAcked(chunks[2], RTT, 300 * MILLIS);
        assertFalse(spurious.isProven(true, 310 * MILLIS), "before any timeout");
        spurious.onTimeout(chunks[9].tsn, true, 300 * MILLIS);
        spurious.onAcked(chunks[10], RTT, 310 * MILLIS);
        assertFalse(spurious.isProven(true, 310 * MILLIS), "what came after it proves nothing");
        spurious.onAcked(chunks[2], RTT, 310 * MILLIS);
        assertFalse(spurious.isProven(false, 310 * MILLIS), "the earliest may be lost");
        assertFalse(spurious.isProven(true, 310 * MILLIS), "each SACK is judged alone");
        spurious.onAcked(chunks[2], RTT, 310 * MILLIS);
        assertTrue(spurious.isProven(true, 310 * MILLIS));
        spurious.onAcked(chunks[3], RTT, 310 * MILLIS);
        assertFalse(spurious.isProven(true, 310 * MILLIS), "once");
    }

    @Test
    void aTimeoutIsProvenWrongByAnAnswerSoonerThanARoundTrip() {
        SpuriousTimeout spurious = new SpuriousTimeout();
        for (int i = 1; i <= 10; i++) outstanding.markLost(chunks[i]);
        spurious.onTimeout(chunks[10].tsn, true, 300 * MILLIS);
        sent(1, 300 * MILLIS);
        spurious.onAcked(chunks[1], RTT, 340 * MILLIS);
        assertFalse(
                spurious.isProven(true, 310 * MILLIS), "a round trip: it may be the second one");
        spurious.onAcked(chunks[1], RTT, 339 * MILLIS);
        assertTrue(spurious.isProven(true, 310 * MILLIS));
    }

    /** An answer after exactly a round trip may be to what was sent again. */
    @Test
    void learnsFromWhatWasSentAgainWhenTheAnswerTookARoundTrip() {
        sent(3, 50 * MILLIS);
        acked(3, 50 * MILLIS + RTT);
        assertSame(chunks[1], lost(101 * MILLIS));
    }

    /** What was sent once cannot be mistaken, however soon the answer came. */
    @Test
    void learnsFromAnAnswerThatCameSoonerThanEverBefore() {
        acked(3, 33 * MILLIS);
        assertNull(lost(40 * MILLIS));
        assertEquals(41 * MILLIS, detector.deadlineNanos());
    }

    /** §6.2 step 4: once a round trip; a whole one after the last is enough. */
    @Test
    void widensTheWindowAgainAfterAWholeRoundTrip() {
        detector.onDuplicate(RTT, 100 * MILLIS);
        detector.onDuplicate(RTT, 100 * MILLIS + RTT);
        acked(2, 42 * MILLIS);
        assertNull(lost(42 * MILLIS));
        // Three quarters of the smallest round trip.
        assertEquals(71 * MILLIS, detector.deadlineNanos());
    }

    @Test
    void knowsWhatWasInFlightAtTheMark() {
        acked(3, 43 * MILLIS);
        detector.mark();
        acked(8, 48 * MILLIS);
        assertTrue(detector.isNewerThanMark(chunks[4]));
        assertFalse(detector.isNewerThanMark(chunks[3]));
        assertFalse(detector.isNewerThanMark(chunks[2]));
        chunks[4].sentNanos = chunks[3].sentNanos;
        assertTrue(detector.isNewerThanMark(chunks[4]));
        chunks[2].sentNanos = chunks[3].sentNanos;
        assertFalse(detector.isNewerThanMark(chunks[2]));
    }

    /** A timeout for nothing: what was learnt since is forgotten, but for the first attempts. */
    @Test
    void goesBackToTheMarkOrToTheNewestFirstAttempt() {
        acked(3, 43 * MILLIS);
        detector.mark();
        SpuriousTimeout.Newest newest = new SpuriousTimeout.Newest();
        newest.sentNanos = Long.MIN_VALUE;
        acked(9, 100 * MILLIS);
        detector.rewind(newest);
        assertTrue(detector.isNewer(chunks[4]));
        assertFalse(detector.isNewer(chunks[3]));
        assertNull(lost(43 * MILLIS));
        assertEquals(51 * MILLIS, detector.deadlineNanos());
        newest.sentNanos = chunks[6].sentNanos;
        newest.tsn = chunks[6].tsn;
        newest.rttNanos = 60 * MILLIS;
        detector.rewind(newest);
        assertTrue(detector.isNewer(chunks[7]));
        assertFalse(detector.isNewer(chunks[6]));
        assertNull(lost(43 * MILLIS));
        assertEquals(71 * MILLIS, detector.deadlineNanos());
    }
}
