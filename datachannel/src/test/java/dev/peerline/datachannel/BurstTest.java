package dev.peerline.datachannel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When what was written leaves, in virtual time. */
final class BurstTest {
    private static final int SLICE = Burst.SLICE_PACKETS;

    private final Burst burst = new Burst();
    private long now = -5_000_000_000L; // System.nanoTime() may be negative

    /** Packets of a bulk channel until the burst ends. */
    private int bulk() {
        int packets = 0;
        do packets += SLICE;
        while (!burst.endsAfter(SLICE, false, now));
        return packets;
    }

    @Test
    void manyPacketsLeaveTogether() {
        for (int i = 0; i < 3; i++) assertEquals(Burst.MAX_PACKETS, bulk());
    }

    @Test
    void aQuietChannelsMessageLeavesAtOnce() {
        for (int before = 0; before < Burst.MAX_PACKETS / SLICE; before++) {
            Burst one = new Burst();
            for (int i = 0; i < before; i++) one.endsAfter(SLICE, false, now);
            assertTrue(one.endsAfter(1, true, now), before + " slices before it");
        }
    }

    @Test
    void burstsAreShortWhileAQuietChannelsAnswerMayCome() {
        assertTrue(burst.endsAfter(1, true, now));
        now += Burst.ANSWER_NANOS - 1;
        for (int i = 0; i < 3; i++) assertEquals(Burst.SHORT_PACKETS, bulk());
        now++;
        assertEquals(Burst.MAX_PACKETS, bulk());
    }

    @Test
    void whatLeftBeforeCountsNoMore() {
        burst.endsAfter(SLICE, false, now);
        assertTrue(burst.endsAfter(1, true, now));
        now += Burst.ANSWER_NANOS;
        assertEquals(Burst.MAX_PACKETS, bulk());
    }
}
