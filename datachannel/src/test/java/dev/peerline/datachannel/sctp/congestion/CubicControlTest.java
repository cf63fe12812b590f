package dev.peerline.datachannel.sctp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** RFC 9438. */
final class CubicControlTest {
    private static final int MTU = 1000;
    private static final long MILLIS = 1_000_000;

    private final CubicControl control = new CubicControl(MTU);
    private final AckSample sample = new AckSample();
    private long now = 1_000 * MILLIS;
    private long roundTripNanos = 100 * MILLIS;

    private void ack(long bytes) {
        sample.reset(now);
        sample.ackedBytes = bytes;
        sample.rttNanos = roundTripNanos;
        sample.windowLimited = true;
        control.onAck(sample);
    }

    private void loss() {
        sample.reset(now);
        sample.lossEvent = true;
        control.onAck(sample);
    }

    /** A window of acknowledgements, a round trip long. */
    private void round() {
        long window = control.windowBytes();
        for (int i = 0; i < 10; i++) {
            now += roundTripNanos / 10;
            ack(window / 10);
        }
    }

    @Test
    void doublesEachRoundInSlowStart() {
        assertEquals(10_000, control.windowBytes());
        round();
        assertEquals(20_000, control.windowBytes());
        round();
        assertEquals(40_000, control.windowBytes());
    }

    /** §4.6: "beta_cubic … 0.7". */
    @Test
    void keepsSevenTenthsAfterALoss() {
        round();
        loss();
        assertEquals(14_000, control.windowBytes());
    }

    /** §4.2: K = cbrt((W_max - cwnd_epoch) / C) seconds back to the old window, here 3.1. */
    @Test
    void isBackAtTheOldWindowAfterK() {
        // So long that what Reno would have (§4.3) stays below.
        roundTripNanos = 400 * MILLIS;
        for (int i = 0; i < 2; i++) round();
        loss();
        for (int i = 0; i < 4; i++) round();
        long before = control.windowBytes();
        assertTrue(before > 35_000 && before < 39_900, () -> before + " bytes");
        for (int i = 0; i < 4; i++) round();
        long at = control.windowBytes();
        assertTrue(at > 39_000 && at < 41_000, () -> at + " bytes");
        // Then it looks for more, ever faster.
        for (int i = 0; i < 10; i++) round();
        assertTrue(control.windowBytes() > 60_000, () -> control.windowBytes() + " bytes");
    }

    @Test
    void beginsWithOnePacketAfterATimeoutAndAnewOnAnotherPath() {
        round();
        control.onTimeout();
        assertEquals(1000, control.windowBytes());
        control.onPathChange();
        assertEquals(10_000, control.windowBytes());
    }

    @Test
    void doesNotGrowWhileTheApplicationHoldsItBackOrInRecovery() {
        sample.reset(now);
        sample.ackedBytes = 5000;
        control.onAck(sample);
        sample.windowLimited = true;
        sample.recovering = true;
        control.onAck(sample);
        assertEquals(10_000, control.windowBytes());
    }

    /** Slow start to 40 packets, and a loss there: 28 are left. */
    private void loseAtForty() {
        ack(30_000);
        loss();
        assertEquals(28_000, control.windowBytes());
    }

    /** What a packet's acknowledgement each half second makes of the window. */
    private void assertGrows(long... windows) {
        for (long window : windows) {
            ack(1000);
            assertEquals(window, control.windowBytes());
            now += 500 * MILLIS;
        }
    }

    /**
     * §4.2 and §4.4 figure 1, with "t + RTT" by the smoothed round trip: 110 ms, then 108.75, ….
     * What the formulas yield was computed apart from this code.
     */
    @Test
    void growsByTheCubicFunctionOfTheTime() {
        loseAtForty();
        roundTripNanos = 180 * MILLIS;
        ack(1000);
        assertEquals(28_043, control.windowBytes());
        // One without a round trip changes nothing of it.
        sample.reset(now);
        control.onAck(sample);
        roundTripNanos = 100 * MILLIS;
        now += 500 * MILLIS;
        assertGrows(28_247, 28_550, 28_904, 29_274);
    }

    /** §4.3: not less than Reno would have, which on a short path is more. */
    @Test
    void isNoSlowerThanRenoOnAShortPath() {
        roundTripNanos = 10 * MILLIS;
        loseAtForty();
        for (int i = 0; i < 28; i++) ack(1000);
        assertEquals(28_524, control.windowBytes());
    }

    /** §4.7: one that loses again before it was back aims at 0.85 of what it had. */
    @Test
    void leavesSomeToOthersWhenItLosesAgainBeforeItWasBack() {
        loseAtForty();
        loss();
        assertEquals(19_600, control.windowBytes());
        assertGrows(19_628, 19_758, 19_937, 20_126, 20_309);
    }

    /** §4.8: after a timeout slow start goes up to 0.7 of what was. */
    @Test
    void slowStartAfterATimeoutEndsAtSevenTenths() {
        ack(10_000);
        control.onTimeout();
        ack(13_000);
        assertEquals(14_000, control.windowBytes());
        assertGrows(14_050, 14_288, 14_616);
    }

    /** RFC 9438 §4.6: "ssthresh … max(…, 2)" packets. */
    @Test
    void slowStartGoesToTwoPacketsAtLeast() {
        control.onTimeout();
        control.onTimeout();
        ack(1000);
        assertEquals(2000, control.windowBytes());
        ack(1000);
        assertTrue(control.windowBytes() < 3000, () -> control.windowBytes() + " bytes");
    }
}
