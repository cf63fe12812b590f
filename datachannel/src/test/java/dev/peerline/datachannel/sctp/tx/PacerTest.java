package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class PacerTest {
    private static final int PACKET = 1200;
    private static final long RATE = 50_000_000; // 24 µs a packet
    private static final long MILLIS = 1_000_000;
    private static final long LONG_RTT = 50 * MILLIS;

    private final Pacer pacer = new Pacer(PACKET);
    private long now = 1_000 * MILLIS;

    @Test
    void keepsToTheRate() {
        long end = now + 1_000 * MILLIS;
        long bytes = 0;
        while (now < end) bytes += burst(LONG_RTT) * (long) PACKET;
        assertEquals(RATE, (double) bytes, RATE * 0.01);
    }

    @Test
    void whoeverHasToWaitGoesOnWithSeveralPackets() {
        burst(LONG_RTT);
        for (int i = 0; i < 100; i++) {
            int packets = burst(LONG_RTT);
            assertTrue(packets >= 16 && packets <= 33, "packets: " + packets);
        }
    }

    @Test
    void waitsForNoMoreThanAPartOfARoundTrip() {
        long rtt = 160_000;
        burst(rtt);
        long before = now;
        burst(rtt);
        assertTrue(now - before <= rtt / 8, now - before + " ns");
    }

    @Test
    void doesNotHoldBackWhoSendsLittle() {
        for (int i = 0; i < 100; i++) {
            assertTrue(pacer.mayLeave(RATE, LONG_RTT, now));
            pacer.sent(PACKET, RATE, now);
            now += MILLIS;
        }
    }

    /** What leaves at once, after waiting until something may. */
    private int burst(long rtt) {
        if (!pacer.mayLeave(RATE, rtt, now)) {
            now = pacer.nextNanos();
            assertFalse(pacer.nextNanos() < now);
        }
        int packets = 0;
        while (pacer.mayLeave(RATE, rtt, now)) {
            pacer.sent(PACKET, RATE, now);
            packets++;
        }
        return packets;
    }
}
