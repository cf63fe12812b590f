package dev.peerline.sdk.push;

import java.time.Duration;
import java.util.SplittableRandom;

/** How long to wait between attempts: full jitter below a bound that doubles with each failure. */
public final class Backoff {
    private static final long FIRST_MILLIS = 250;
    private static final long MAX_MILLIS = 30_000;

    /** 250 ms so often doubled is more than the most. */
    private static final int MAX_DOUBLINGS = 10;

    private final SplittableRandom random;
    private int failures;

    public Backoff(SplittableRandom random) {
        this.random = random;
    }

    /** It works. */
    public void reset() {
        failures = 0;
    }

    /** Failures since it worked last. */
    public int failures() {
        return failures;
    }

    /**
     * One more failure.
     *
     * @param least what the server asked for (Retry-After)
     * @return how long to wait
     */
    public Duration next(Duration least) {
        long bound = Math.min(MAX_MILLIS, FIRST_MILLIS << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        return least.plusMillis(random.nextLong(bound + 1));
    }
}
