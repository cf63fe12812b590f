package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two whole peers and the real rooms of a server, in virtual time, on carriers that do what they
 * like. A failure names its seed.
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

    private static void play(int first, int last) {
        double cost = 0;
        double worst = 0;
        for (int seed = first; seed <= last; seed++) {
            Tale tale = new Tale(seed);
            tale.run();
            tale.check();
            cost += tale.wireCost();
            worst = Math.max(worst, tale.wireCost());
        }
        double mean = cost / (last - first + 1);
        double most = worst;
        assertTrue(mean < 4 && most < 20, () -> "mean %.2f, worst %.2f".formatted(mean, most));
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
