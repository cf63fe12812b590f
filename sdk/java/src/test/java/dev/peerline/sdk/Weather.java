package dev.peerline.sdk;

import dev.peerline.fallback.link.ladder.Rung;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What the network between one peer and the server does now: how long things take, which kinds of
 * carriers get through, and what is lost. Changed by a story, all fine when it is over.
 */
final class Weather {
    private final SplittableRandom random;
    final Set<Rung> blocked = EnumSet.noneOf(Rung.class);
    long delayNanos = 5 * VirtualLoop.MS;
    long jitterNanos = 10 * VirtualLoop.MS;

    /** Of 100 requests, and of as many answers. */
    int lostPercent;

    /** Of 100 POSTs, how many come twice. */
    int doubledPercent;

    /** What has been written both ways. */
    long wireBytes;

    Weather(SplittableRandom random) {
        this.random = random;
    }

    long delay() {
        return delayNanos + random.nextLong(jitterNanos + 1);
    }

    boolean loses() {
        return random.nextInt(100) < lostPercent;
    }

    boolean doubles() {
        return random.nextInt(100) < doubledPercent;
    }

    void clear() {
        blocked.clear();
        delayNanos = 5 * VirtualLoop.MS;
        jitterNanos = 10 * VirtualLoop.MS;
        lostPercent = 0;
        doubledPercent = 0;
    }
}
