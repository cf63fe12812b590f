package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 5682 §3 by SACKs: TSNs 1 to 10 were outstanding when T3-rtx expired at 500; RTT 40. */
final class SpuriousTimeoutRulesTest {
    private static final long EXPIRED = 500;
    private static final long RTT = 40;

    private final SpuriousTimeout spurious = new SpuriousTimeout();

    SpuriousTimeoutRulesTest() {
        spurious.onTimeout(10, true, EXPIRED);
    }

    private static SentChunk chunk(long tsn, int transmissions, long sentNanos) {
        SentChunk chunk = new SentChunk();
        chunk.tsn = tsn;
        chunk.transmissions = transmissions;
        chunk.sentNanos = sentNanos;
        chunk.state = transmissions == 1 ? SentChunk.State.LOST : SentChunk.State.IN_FLIGHT;
        return chunk;
    }

    private boolean provenBy(SentChunk chunk, long nowNanos) {
        spurious.onAcked(chunk, RTT, nowNanos);
        return spurious.isProven(true, nowNanos);
    }

    @Test
    void theAcknowledgementOfWhatWasNotSentAgainProvesIt() {
        assertTrue(provenBy(chunk(10, 1, 100), 600));
        assertFalse(spurious.isProven(true, 700), "said once");
        assertFalse(provenBy(chunk(9, 1, 90), 700), "and no more until the next timeout");
    }

    @Test
    void whatWasSentAfterTheTimeoutProvesNothing() {
        assertFalse(provenBy(chunk(11, 1, 510), 600));
    }

    @Test
    void whatIsInFlightAtTheFirstAttemptProvesNothing() {
        SentChunk chunk = chunk(3, 1, 100);
        chunk.state = SentChunk.State.IN_FLIGHT;
        assertFalse(provenBy(chunk, 600));
    }

    /** Sooner than any round trip after it was sent again: it is the first that arrived. */
    @Test
    void anAnswerSoonerThanARoundTripProvesIt() {
        assertFalse(provenBy(chunk(1, 2, EXPIRED), EXPIRED + RTT));
        assertFalse(provenBy(chunk(1, 2, EXPIRED - 1), EXPIRED + 2), "sent again before");
        SentChunk lost = chunk(1, 2, EXPIRED + 100);
        lost.state = SentChunk.State.LOST;
        assertTrue(provenBy(lost, EXPIRED + 100 + RTT - 1));
    }

    @Test
    void anAnswerSoonerThanARoundTripProvesItAtTheTimeoutItself() {
        assertTrue(provenBy(chunk(1, 2, EXPIRED), EXPIRED + RTT - 1));
    }

    /** Else the earliest may well be lost; and what was seen then does not count later. */
    @Test
    void provesNothingWhileTheCumulativeTsnStays() {
        spurious.onAcked(chunk(5, 1, 100), RTT, 600);
        assertFalse(spurious.isProven(false, 600));
        assertFalse(spurious.isProven(true, 600));
        assertTrue(provenBy(chunk(6, 1, 101), 601), "the next one may");
    }

    @Test
    void asksUntilSomethingIsHeard() {
        assertTrue(spurious.isAsking());
        spurious.onAnswer();
        assertFalse(spurious.isAsking());
        spurious.onTimeout(10, false, 800);
        assertFalse(spurious.isAsking());
    }

    @Test
    void anotherPathAsksAndProvesNothing() {
        spurious.reset();
        assertFalse(spurious.isAsking());
        assertFalse(provenBy(chunk(5, 1, 100), 600));
    }

    @Test
    void aTimeoutForgetsWhatTheOneBeforeHadProven() {
        spurious.onAcked(chunk(5, 1, 100), RTT, 600);
        spurious.onTimeout(10, true, 700);
        assertFalse(spurious.isProven(true, 800));
    }

    /** RACK goes by the newest of those that arrived at the first attempt. */
    @Test
    void keepsTheNewestThatArrivedAtTheFirstAttempt() {
        spurious.onAcked(chunk(5, 1, 100), RTT, 600);
        spurious.onAcked(chunk(4, 1, 99), RTT, 601);
        spurious.onAcked(chunk(6, 2, 590), RTT, 602);
        assertEquals(5, spurious.newestFirst().tsn);
        assertEquals(100, spurious.newestFirst().sentNanos);
        assertEquals(500, spurious.newestFirst().rttNanos);
        spurious.onAcked(chunk(7, 1, 100), RTT, 603);
        assertEquals(7, spurious.newestFirst().tsn);
        assertEquals(503, spurious.newestFirst().rttNanos);
        spurious.onTimeout(10, false, 700);
        spurious.onAcked(chunk(2, 1, 50), RTT, 800);
        assertEquals(2, spurious.newestFirst().tsn);
    }

    @Test
    void nobodyKnowsWhichTransmissionOfThoseSentMeanwhileArrived() {
        assertFalse(spurious.isAmbiguous(chunk(1, 2, EXPIRED)), "nothing was proven yet");
        assertTrue(provenBy(chunk(5, 1, 100), 600));
        assertTrue(spurious.isAmbiguous(chunk(1, 2, EXPIRED)));
        assertTrue(spurious.isAmbiguous(chunk(1, 2, 600)));
        assertFalse(spurious.isAmbiguous(chunk(1, 2, EXPIRED - 1)));
        assertFalse(spurious.isAmbiguous(chunk(1, 2, 601)));
        assertFalse(spurious.isAmbiguous(chunk(1, 1, 550)));
    }
}
