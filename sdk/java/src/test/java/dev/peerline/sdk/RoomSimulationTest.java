package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.util.DoubleSummaryStatistics;
import java.util.stream.IntStream;

/**
 * Two whole peers and the real rooms of a server, in virtual time, on carriers that do what they
 * like. A failure names its seed. A tale of a minute takes 5 to 10 ms of a core.
 */
final class RoomSimulationTest {
    private static final int SEEDS = 1_000;
    private static final int MANY_SEEDS = 100_000;

    @Test
    void everyMessageOnceAndInOrderNothingKeptAndNotMuchOnTheWire() {
        play(1, SEEDS);
    }

    @Test
    @Tag("slow")
    void manySeeds() {
        play(SEEDS + 1, MANY_SEEDS);
    }

    /** Tales share nothing: as many at a time as there are cores. */
    private static void play(int first, int last) {
        DoubleSummaryStatistics cost =
                IntStream.rangeClosed(first, last)
                        .parallel()
                        .mapToDouble(RoomSimulationTest::tell)
                        .summaryStatistics();
        assertTrue(cost.getAverage() < 4 && cost.getMax() < 20, cost::toString);
    }

    private static double tell(int seed) {
        Tale tale = new Tale(seed);
        tale.run();
        tale.check();
        return tale.wireCost();
    }

    @Test
    void aSeedIsTheSameTaleEachTime() {
        Tale one = new Tale(7);
        Tale other = new Tale(7);
        one.run();
        other.run();
        assertEquals(one.events(), other.events());
        assertNull(one.failed());
    }
}
