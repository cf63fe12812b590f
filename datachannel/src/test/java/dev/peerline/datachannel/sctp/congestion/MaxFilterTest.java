package dev.peerline.datachannel.sctp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Collections;
import java.util.SplittableRandom;
import java.util.TreeMap;

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

    /** The same when rounds bring no value. */
    @Test
    void forgetsWhatIsTooOldAfterAPause() {
        filter.update(100, 1);
        filter.update(80, 5);
        filter.update(60, 9);
        filter.update(10, 17);
        assertEquals(60, filter.max());
        filter.update(5, 28);
        assertEquals(5, filter.max());
        SplittableRandom random = new SplittableRandom(7);
        for (int seed = 0; seed < 50; seed++) {
            MaxFilter sparse = new MaxFilter(10);
            TreeMap<Integer, Long> seen = new TreeMap<>();
            for (int round = 1; round < 200; round += random.nextInt(1, 9)) {
                long value = random.nextLong(1, 1000);
                seen.put(round, value);
                sparse.update(value, round);
                long most = Collections.max(seen.tailMap(round - 10).values());
                assertTrue(sparse.max() >= value && sparse.max() <= most, "seed " + seed);
            }
        }
    }

    /** One that is ten rounds old still counts, though nothing has come since. */
    @Test
    void keepsTheLargestThroughAPauseOfItsRounds() {
        filter.update(100, 1);
        filter.update(50, 11);
        assertEquals(100, filter.max());
        filter.reset();
        filter.update(100, 1);
        filter.update(50, 12);
        assertEquals(50, filter.max());
    }

    /** The second is taken after a quarter of the rounds, and the third after half of them. */
    @Test
    void keepsItsCandidatesApartInTime() {
        filter.update(100, 1);
        filter.update(60, 3); // no more than a quarter: not yet
        filter.update(50, 4);
        filter.update(40, 6); // no more than half: not yet
        filter.update(30, 7);
        filter.update(10, 12);
        assertEquals(50, filter.max());
        filter.update(5, 15);
        assertEquals(30, filter.max());
    }

    /** One that is as large as the second takes its place, and lasts longer. */
    @Test
    void anEqualOneCountsFromWhenItWasSeenLast() {
        filter.update(100, 1);
        filter.update(60, 4);
        filter.update(60, 11);
        filter.update(10, 12);
        filter.update(9, 20);
        assertEquals(60, filter.max());
        filter.update(100, 21);
        filter.update(100, 30);
        filter.update(10, 40);
        assertEquals(100, filter.max());
        filter.update(10, 41);
        assertEquals(10, filter.max());
    }

    /**
     * Values and their rounds, and what is the largest at last, as the three candidates have it.
     */
    @ParameterizedTest
    @CsvSource({
        // One as large as the largest counts from when it was seen last, and what follows it, too.
        "100@1 100@8 60@12 10@13 9@19, 60",
        // One larger than the second takes the third's place as well.
        "100@1 20@4 80@6 10@7 5@12 4@17, 10",
        // One as large as the third lasts longer.
        "100@1 60@4 30@7 30@9 10@12 9@15 8@19, 30",
        // The second is just not too old when the first one leaves.
        "100@1 80@5 60@9 10@15, 80",
        // What has moved up leaves its place to the newest.
        "100@1 60@4 30@7 10@12 5@15 4@18, 10"
    })
    void keepsThreeCandidates(String values, long largest) {
        for (String one : values.split(" ", -1)) {
            String[] parts = one.split("@", -1);
            filter.update(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }
        assertEquals(largest, filter.max());
    }
}
