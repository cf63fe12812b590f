package dev.peerline.fallback.link.ladder;

import java.util.ArrayDeque;
import java.util.Deque;

/** Moves to a better rung, of which there are only so many in a minute. */
final class Climbs {
    private static final int MAX_CLIMBS = 6;
    private static final double CLIMBS_MILLIS = 60_000;

    private final Deque<Double> times = new ArrayDeque<>();

    void add(double now) {
        times.add(now);
    }

    /** When another is allowed. */
    double freeAt(double now) {
        while (!times.isEmpty() && times.element() <= now - CLIMBS_MILLIS) times.remove();
        return times.size() < MAX_CLIMBS ? 0 : times.element() + CLIMBS_MILLIS;
    }
}
