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

    /** §4.7: "Fast Convergence": one that loses again before it was back leaves some to others. */
    @Test
    void givesWayWhenItLosesAgainBeforeItWasBack() {
        for (int i = 0; i < 4; i++) round();
        loss();
        round();
        loss();
        long window = control.windowBytes();
        for (int i = 0; i < 80; i++) round();
        CubicControl alone = new CubicControl(MTU);
        assertTrue(window < 100_000 && alone.windowBytes() == 10_000);
        assertTrue(control.windowBytes() > window);
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
}
