package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** T1 and T2 (RFC 9260 §5.1, §9.2, §6.3.3 E2). */
final class RetryTimerTest {
    private final RetryTimer timer = new RetryTimer();

    @Test
    void expiresAtItsDeadline() {
        assertEquals(Long.MAX_VALUE, timer.deadlineNanos());
        timer.start(1000, 400);
        assertFalse(timer.isExpired(1399));
        assertTrue(timer.isExpired(1400));
        timer.stop();
        assertFalse(timer.isExpired(1400));
    }

    /** E2: "RTO * 2 … The maximum value … may be used to provide an upper bound". */
    @Test
    void doublesUpToTheLongest() {
        timer.start(0, 400);
        assertEquals(0, timer.attempts());
        long[] waits = {800, 1600, 2000, 2000};
        for (int i = 0; i < waits.length; i++) {
            assertEquals(i + 1, timer.retry(10_000, 400, 2000));
            assertEquals(10_000 + waits[i], timer.deadlineNanos());
        }
        assertEquals(4, timer.attempts());
        timer.start(0, 400);
        assertEquals(0, timer.attempts());
        assertEquals(1, timer.retry(0, 400, 2000));
    }

    /** Sixteen doublings at most: a timer that has gone on for long does not turn negative. */
    @Test
    void doesNotOverflow() {
        timer.start(0, 1L << 30);
        for (int i = 0; i < 70; i++) timer.retry(0, 1L << 30, 1L << 60);
        assertEquals(1L << 46, timer.deadlineNanos());
    }

    @Test
    void hurriesOnlyWhatWasStarted() {
        timer.hurry(5);
        assertEquals(Long.MAX_VALUE, timer.deadlineNanos());
        timer.start(0, 400);
        timer.hurry(5);
        assertEquals(5, timer.deadlineNanos());
    }
}
