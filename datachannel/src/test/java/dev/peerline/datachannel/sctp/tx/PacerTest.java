package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Packets of 1000 bytes. */
final class PacerTest {
    private static final long MILLIS = 1_000_000;
    private static final long SECOND = 1_000_000_000;

    private final Pacer pacer = new Pacer(1000);

    private int burst(long rate, long nowNanos) {
        int packets = 0;
        while (pacer.mayLeave(rate, nowNanos)) {
            pacer.sent(1000, rate, nowNanos);
            assertTrue(++packets < 10_000);
        }
        return packets;
    }

    @Test
    void withoutARateEverythingMayLeave() {
        pacer.sent(1000, 0, SECOND);
        assertEquals(0, pacer.nextNanos());
        assertTrue(pacer.mayLeave(0, -1));
    }

    /** A packet a millisecond: ten at once and the one that is due, then one by one. */
    @Test
    void spacesPacketsAfterABurstOfTen() {
        assertEquals(11, burst(1_000_000, SECOND));
        assertEquals(SECOND + MILLIS, pacer.nextNanos());
        assertFalse(pacer.mayLeave(1_000_000, SECOND + MILLIS - 1));
        assertTrue(pacer.mayLeave(1_000_000, SECOND + MILLIS));
    }

    /** A hundred packets a millisecond: what the rate gives in one. */
    @Test
    void atAHighRateABurstIsAMillisecond() {
        assertEquals(101, burst(100_000_000, SECOND));
    }

    @Test
    void aSmallPacketCostsLessTime() {
        burst(1_000_000, SECOND);
        long before = pacer.nextNanos();
        pacer.sent(250, 1_000_000, SECOND);
        assertEquals(MILLIS / 4, pacer.nextNanos() - before);
    }

    @Test
    void resettingLetsTheNextLeave() {
        burst(1_000_000, SECOND);
        pacer.sent(1000, 1_000_000, SECOND);
        pacer.reset();
        assertTrue(pacer.mayLeave(1_000_000, SECOND));
    }
}
