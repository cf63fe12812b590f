package dev.peerline.sdk.direct;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long direct paths wait for what. */
final class Waits {
    /** The newcomer offers. The other waits so long for its offer. */
    static final long COURTESY_NANOS = Duration.ofSeconds(3).toNanos();

    /** How long an attempt may take to open its channels. */
    static final long ATTEMPT_NANOS = Duration.ofSeconds(20).toNanos();

    /** The polite one leaves it to the other to restart ICE, for so long. */
    static final long RESTART_NANOS = Duration.ofSeconds(1).toNanos();

    /** A connection that ICE has given up is replaced if a restart does not mend it in time. */
    static final long MEND_NANOS = Duration.ofSeconds(10).toNanos();

    /** A peer that declined is asked again after so long. */
    static final long DECLINED_NANOS = Duration.ofSeconds(30).toNanos();

    /** Between attempts: the first wait, doubled by each failure. */
    private static final long BACKOFF_NANOS = Duration.ofSeconds(2).toNanos();

    /** A relayed path is tried directly anew after so long, doubled by each try in vain. */
    private static final long UNRELAY_NANOS = Duration.ofSeconds(10).toNanos();

    private static final long LONGEST_NANOS = Duration.ofMinutes(5).toNanos();

    /** Enough to reach the longest, few enough for a long. */
    private static final int MAX_DOUBLINGS = 8;

    private Waits() {}

    /** Before the next attempt to connect. */
    static long retry(RandomGenerator random, int failures) {
        return wait(random, BACKOFF_NANOS, failures);
    }

    /** Before the next attempt to do without a relay. */
    static long unrelay(RandomGenerator random, int failures) {
        return wait(random, UNRELAY_NANOS, failures);
    }

    /** Between half of it and all, so that two sides do not keep step. */
    private static long wait(RandomGenerator random, long first, int failures) {
        long wait = Math.min(LONGEST_NANOS, first << Math.min(failures, MAX_DOUBLINGS));
        return (long) (wait * (0.5 + random.nextDouble() / 2));
    }
}
