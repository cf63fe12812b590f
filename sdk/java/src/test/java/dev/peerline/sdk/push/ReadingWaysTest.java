package dev.peerline.sdk.push;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.push.ReadingWays.Way;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.SplittableRandom;

final class ReadingWaysTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /** No special value of a clock that may say anything. */
    private long now = Long.MAX_VALUE - MINUTE;

    private final ReadingWays ways = new ReadingWays();

    @Test
    void whatBringsNothingTwiceInARowIsLeftForTheNextBelow() {
        assertEquals(Way.STREAM, ways.way(now));
        ways.dumb(Way.STREAM, now);
        assertEquals(Way.STREAM, ways.way(now));
        ways.dumb(Way.STREAM, now);
        assertEquals(Way.LONG_POLL, ways.way(now));
        ways.dumb(Way.LONG_POLL, now);
        ways.proved(Way.LONG_POLL);
        ways.dumb(Way.LONG_POLL, now);
        assertEquals(Way.LONG_POLL, ways.way(now));
        ways.dumb(Way.LONG_POLL, now);
        assertEquals(Way.POLL, ways.way(now));
    }

    @Test
    void afterFiveMinutesItIsTriedOnceMore() {
        for (int i = 0; i < 2; i++) ways.dumb(Way.STREAM, now);
        now += 4 * MINUTE;
        assertEquals(Way.LONG_POLL, ways.way(now));
        now += MINUTE;
        assertEquals(Way.STREAM, ways.way(now));
        ways.dumb(Way.STREAM, now);
        assertEquals(Way.LONG_POLL, ways.way(now));
        now += 5 * MINUTE;
        assertEquals(Way.STREAM, ways.way(now));
        ways.proved(Way.STREAM);
        ways.dumb(Way.STREAM, now);
        assertEquals(Way.STREAM, ways.way(now));
    }

    @Test
    void waitsAreJitteredBelowABoundThatDoublesAndBeginsAnewWhenItWorks() {
        long seed = System.nanoTime();
        Backoff backoff = new Backoff(new SplittableRandom(seed));
        Duration least = Duration.ofSeconds(2);
        for (int round = 0; round < 100; round++) {
            long bound = 250;
            for (int i = 0; i < 70; i++) {
                long extra = backoff.next(least).minus(least).toMillis();
                assertTrue(extra >= 0 && extra <= bound, "seed %d: %d".formatted(seed, extra));
                bound = Math.min(30_000, 2 * bound);
            }
            assertEquals(70, backoff.failures());
            backoff.reset();
        }
    }
}
