package dev.peerline.fallback.link.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole peers around a model of the server; a failure names its seed. */
final class LinkSimulationTest {
    private static final int CARRIER_SEEDS = 300;
    private static final int LIFE_SEEDS = 700;
    private static final int MANY_SEEDS = 50_000;

    @Test
    void everyMessageOnceAndInOrderWhateverCarriersDo() {
        play(1, CARRIER_SEEDS, false);
    }

    @Test
    void reloadsDeparturesAndRestartsLoseAndDoubleWhatTheyMayAndNoMore() {
        play(1, LIFE_SEEDS, true);
    }

    @Test
    @Tag("slow")
    void manySeedsOfCarriers() {
        play(CARRIER_SEEDS + 1, MANY_SEEDS, false);
    }

    @Test
    @Tag("slow")
    void manySeedsOfLives() {
        play(LIFE_SEEDS + 1, MANY_SEEDS, true);
    }

    private static void play(int firstSeed, int lastSeed, boolean lives) {
        double worst = 0;
        for (int seed = firstSeed; seed <= lastSeed; seed++) {
            Story story = new Story(seed, lives);
            story.run();
            Promise.check(story, lives);
            worst = Math.max(worst, story.wireCost());
        }
        // Carriers die and pairs move every 100 ms or so: what goes again stays a small multiple.
        double cost = worst;
        assertTrue(cost < 6, () -> "the wire carried %.2f times the payload".formatted(cost));
    }
}
