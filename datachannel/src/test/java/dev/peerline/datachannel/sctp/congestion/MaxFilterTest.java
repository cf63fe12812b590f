package dev.peerline.datachannel.sctp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/** The largest value of the last rounds, as far as three candidates can tell. */
final class MaxFilterTest {
    private final MaxFilter filter = new MaxFilter(10);

    @Test
    void keepsTheLargestForItsRounds() {
        filter.update(100, 1);
        for (int round = 2; round <= 11; round++) {
            filter.update(50, round);
            assertEquals(100, filter.max());
        }
        filter.update(50, 12);
        assertEquals(50, filter.max());
    }

    @Test
    void takesALargerOneAtOnce() {
        filter.update(100, 1);
        filter.update(101, 2);
        assertEquals(101, filter.max());
        filter.reset();
        assertEquals(0, filter.max());
    }

    @Test
    void remembersTheBestOfWhatCameLater() {
        filter.update(100, 1);
        filter.update(80, 5);
        filter.update(60, 9);
        filter.update(10, 12);
        assertEquals(80, filter.max());
        filter.update(10, 16);
        assertEquals(60, filter.max());
    }

    /** Never more than was seen in the window, never less than the newest. */
    @Test
    void staysWithinWhatWasSeen() {
        SplittableRandom random = new SplittableRandom(5);
        long[] seen = new long[1000];
        for (int round = 0; round < seen.length; round++) {
            seen[round] = random.nextLong(1, 1000);
            filter.update(seen[round], round);
            long most = 0;
            for (int i = Math.max(0, round - 10); i <= round; i++) most = Math.max(most, seen[i]);
            long now = filter.max();
            long limit = most;
            assertTrue(now >= seen[round] && now <= limit, () -> now + " of " + limit);
        }
    }
}
