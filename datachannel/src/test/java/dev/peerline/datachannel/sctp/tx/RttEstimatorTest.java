package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** RFC 9260 §6.3.1, rule by rule. */
final class RttEstimatorTest {
    private static final long MILLIS = 1_000_000;

    private final RttEstimator rtt = new RttEstimator(400 * MILLIS, 20 * MILLIS, 1000 * MILLIS);

    /** C1: "Until an RTT measurement has been made … set RTO to the protocol parameter". */
    @Test
    void beginsWithTheInitialTimeout() {
        assertEquals(400 * MILLIS, rtt.currentRto());
        assertEquals(0, rtt.smoothed());
        assertEquals(0, rtt.min());
    }

    /** C2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 * RTTVAR. */
    @Test
    void takesTheFirstMeasurementAsItIs() {
        rtt.add(100 * MILLIS, 0);
        assertEquals(100 * MILLIS, rtt.smoothed());
        assertEquals(300 * MILLIS, rtt.currentRto());
    }

    /** C3: RTTVAR by a quarter first, with the old SRTT; then SRTT by an eighth. */
    @Test
    void smoothesTheFollowingOnes() {
        rtt.add(100 * MILLIS, 0);
        rtt.add(180 * MILLIS, 1);
        assertEquals(110 * MILLIS, rtt.smoothed());
        // RTTVAR = 50 + (80 - 50) / 4 = 57.5
        assertEquals(340 * MILLIS, rtt.currentRto());
        rtt.add(110 * MILLIS, 2);
        assertEquals(110 * MILLIS, rtt.smoothed());
        assertEquals(282_500_000, rtt.currentRto());
    }

    /** C6 and C7. */
    @Test
    void staysWithinItsBounds() {
        for (int i = 0; i < 50; i++) rtt.add(MILLIS, i);
        assertEquals(20 * MILLIS, rtt.currentRto());
        for (int i = 0; i < 50; i++) rtt.add(3000 * MILLIS, i);
        assertEquals(1000 * MILLIS, rtt.currentRto());
    }

    /** §6.3.3 E2: "RTO = RTO * 2", up to the maximum; a measurement ends it. */
    @Test
    void doublesWithEveryTimeout() {
        rtt.add(100 * MILLIS, 0);
        rtt.backOff();
        assertEquals(600 * MILLIS, rtt.currentRto());
        rtt.backOff();
        assertEquals(1000 * MILLIS, rtt.currentRto());
        for (int i = 0; i < 100; i++) rtt.backOff();
        assertEquals(1000 * MILLIS, rtt.currentRto());
        rtt.resetBackOff();
        assertEquals(300 * MILLIS, rtt.currentRto());
        rtt.backOff();
        rtt.add(100 * MILLIS, 1);
        assertEquals(250 * MILLIS, rtt.currentRto());
    }

    /** Routes change: the smallest of the last minute, not of all time. */
    @Test
    void forgetsTheSmallestAfterAMinute() {
        rtt.add(50 * MILLIS, 0);
        rtt.add(80 * MILLIS, 60_000 * MILLIS);
        assertEquals(50 * MILLIS, rtt.min());
        rtt.add(80 * MILLIS, 60_001 * MILLIS);
        assertEquals(80 * MILLIS, rtt.min());
        rtt.add(70 * MILLIS, 60_002 * MILLIS);
        assertEquals(70 * MILLIS, rtt.min());
    }

    @Test
    void beginsAnewOnAnotherPath() {
        rtt.add(100 * MILLIS, 0);
        rtt.backOff();
        rtt.reset();
        assertEquals(400 * MILLIS, rtt.currentRto());
        assertEquals(0, rtt.smoothed());
        assertEquals(0, rtt.min());
    }

    /** The minute is counted from when the smallest was seen, to its last nanosecond. */
    @Test
    void countsTheMinuteFromWhenTheSmallestWasSeen() {
        rtt.add(50 * MILLIS, 1_000_000 * MILLIS);
        rtt.add(80 * MILLIS, 1_060_000 * MILLIS);
        assertEquals(50 * MILLIS, rtt.min());
        rtt.add(80 * MILLIS, 1_060_000 * MILLIS + 1);
        assertEquals(80 * MILLIS, rtt.min());
    }

    /** A measurement as small as the smallest shows that it still holds. */
    @Test
    void theSameSmallestAgainBeginsTheMinuteAnew() {
        rtt.add(50 * MILLIS, 0);
        rtt.add(50 * MILLIS, 30_000 * MILLIS);
        rtt.add(80 * MILLIS, 70_000 * MILLIS);
        assertEquals(50 * MILLIS, rtt.min());
    }
}
