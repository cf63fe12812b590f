package dev.peerline.fallback.link.ladder;

/**
 * When a carrier that was active and fell quiet is to be asked whether it lives. The session itself
 * asks every ping interval.
 */
final class Pulse {
    /** First after some of the usual distances between packets, within these bounds. */
    private static final double DISTANCES = 4;

    private static final double QUIET_MILLIS = 150;
    private static final double MAX_QUIET_MILLIS = 1_000;

    /** Then after 1, 2, 4, 8 s. */
    private static final int MAX_PINGS = 5;

    private double heardAt = Double.NEGATIVE_INFINITY;
    private double gapMillis = MAX_QUIET_MILLIS;
    private int pings = MAX_PINGS;

    /**
     * A packet came.
     *
     * @param active it was more than an answer
     */
    void heard(double now, boolean active) {
        if (active) {
            gapMillis += (Math.min(now - heardAt, MAX_QUIET_MILLIS) - gapMillis) / 8;
            pings = 0;
        }
        heardAt = now;
    }

    /** When to ask. */
    double due(double rttMillis) {
        if (pings >= MAX_PINGS) return Double.POSITIVE_INFINITY;
        if (pings > 0) return heardAt + MAX_QUIET_MILLIS * (1 << (pings - 1));
        double first = Math.max(QUIET_MILLIS, Math.max(DISTANCES * gapMillis, 2 * rttMillis));
        return heardAt + Math.min(MAX_QUIET_MILLIS, first);
    }

    void asked() {
        pings++;
    }
}
