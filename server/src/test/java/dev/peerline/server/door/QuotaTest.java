package dev.peerline.server.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Time is ours here. */
final class QuotaTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theBurstIsThereAtOnceAndComesBackEvenly() {
        Quota<String> quota = new Quota<>(10, 10 * SECOND, 100);
        long now = -5; // System.nanoTime may be negative
        for (int taken = 0; taken < 10; taken++) assertEquals(0, quota.take("a", now));
        assertEquals(SECOND, quota.take("a", now));
        assertEquals(SECOND / 2, quota.take("a", now + SECOND / 2));
        assertEquals(0, quota.take("a", now + SECOND));
        assertTrue(quota.take("a", now + SECOND) > 0);
    }

    @Test
    void whatWasNotUsedDoesNotPileUp() {
        Quota<String> quota = new Quota<>(2, 2 * SECOND, 100);
        quota.take("a", 0);
        long later = 1_000 * SECOND;
        assertEquals(0, quota.take("a", later));
        assertEquals(0, quota.take("a", later));
        assertEquals(SECOND, quota.take("a", later));
    }

    @Test
    void oneDoesNotUseUpWhatAnotherHas() {
        Quota<String> quota = new Quota<>(1, SECOND, 100);
        assertEquals(0, quota.take("a", 0));
        assertTrue(quota.take("a", 0) > 0);
        assertEquals(0, quota.take("b", 0));
    }

    @Test
    void strangersWithoutEndTakeNoMemoryWithoutEnd() {
        Quota<Integer> quota = new Quota<>(1, SECOND, 50);
        for (int stranger = 0; stranger < 1_000; stranger++) quota.take(stranger, 0);
        assertEquals(50, quota.size());
        // The one seen last is still known.
        assertTrue(quota.take(999, 0) > 0);
    }
}
