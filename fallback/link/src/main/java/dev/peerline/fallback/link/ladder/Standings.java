package dev.peerline.fallback.link.ladder;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/** How far each rung is to be trusted, by what became of its carriers. */
final class Standings {
    /** One that lived so long was a success. */
    static final double YOUNG_MILLIS = 10_000;

    /** So many in a row that did not are enough of this rung. */
    private static final int MAX_YOUNG = 2;

    /** The n-th fall keeps a rung from being tried for 2^n s. */
    private static final double HOLD_MILLIS = 1_000;

    private static final int MAX_LEVEL = 8;

    /** Each minute without a fall takes one back. */
    private static final double LEVEL_MILLIS = 60_000;

    private final Map<Rung, Standing> all = new EnumMap<>(Rung.class);

    /** What is known of a rung. */
    private static final class Standing {
        /** Falls that are not forgiven, and when that last changed. */
        private int level;

        private double levelAt;

        /** Not to be tried before, while another works. */
        private double retryAt;

        /** How many died young, one after the other. */
        private int young;
    }

    Standings(Collection<Rung> rungs) {
        for (Rung rung : rungs) all.put(rung, new Standing());
    }

    /** Before this time the rung is not to be tried while another works. */
    double retryAt(Rung rung) {
        Standing standing = all.get(rung);
        return standing == null ? Double.POSITIVE_INFINITY : standing.retryAt;
    }

    /** It failed where another worked. */
    void fall(Rung rung, double now) {
        fall(rung, now, 1);
    }

    void fall(Rung rung, double now, int levels) {
        Standing standing = all.get(rung);
        if (standing == null) return;
        standing.level = Math.min(MAX_LEVEL, standing.level + levels);
        standing.levelAt = now;
        standing.retryAt = now + HOLD_MILLIS * (1 << standing.level);
    }

    /** A carrier that was in use died. */
    void died(Rung rung, double now, double livedMillis) {
        Standing standing = all.get(rung);
        if (standing == null) return;
        if (livedMillis >= YOUNG_MILLIS) standing.young = 0;
        else if (++standing.young >= MAX_YOUNG) fall(rung, now);
    }

    /** Its carrier has been in use for long. */
    void lived(Rung rung) {
        Standing standing = all.get(rung);
        if (standing != null) standing.young = 0;
    }

    void forgive(double now) {
        for (Standing standing : all.values()) {
            double since = Math.max(standing.levelAt, standing.retryAt);
            if (standing.level == 0 || now - since < LEVEL_MILLIS) continue;
            standing.level--;
            standing.levelAt = now;
        }
    }

    /** Nothing of it counts on another network. */
    void forget(double now) {
        for (Standing standing : all.values()) {
            standing.level = 0;
            standing.retryAt = now;
            standing.young = 0;
        }
    }
}
