package dev.peerline.fallback.link.ladder;

/** For how long the present carrier may be silent before another is dialled beside it. */
final class Patience {
    /** How long an answer may be owed. A replacement is dialled at half of it. */
    private static final double PATIENCE_MILLIS = 300;

    /** After an alarm that was none patience doubles, up to so many times. */
    private static final int MAX_CAUTION = 8;

    /** So long without such an alarm halves it. */
    private static final double CALM_MILLIS = 30_000;

    /** Before an alarm what is queued is heard: the thread may have been busy. */
    private static final double LISTEN_MILLIS = 10;

    private double rttMillis;
    private double caution = 1;
    private double cautionAt;

    /** The present silence: since when, slept through for how long, in doubt since when. */
    private double silentAt;

    private double sleptMillis;
    private double doubtAt = Double.POSITIVE_INFINITY;
    private boolean alarm;

    /** The smoothed round trip, 0 while none was measured. */
    double rttMillis() {
        return rttMillis;
    }

    /** How long an answer may be owed. */
    double millis() {
        return Math.max(PATIENCE_MILLIS, 2 * rttMillis + 80) * caution;
    }

    void measured(double millis) {
        rttMillis = Math.max(0.1, rttMillis == 0 ? millis : rttMillis + (millis - rttMillis) / 8);
    }

    /** What was not heard in this time is no silence. */
    void slept(double millis) {
        sleptMillis += millis;
    }

    /** Another carrier is the present one. */
    void renew(double now) {
        silentAt = now;
        sleptMillis = 0;
        doubtAt = Double.POSITIVE_INFINITY;
        alarm = false;
    }

    /**
     * When the alarm is due; infinity if nothing is owed.
     *
     * @param silentMillis for how long an answer has been owed
     */
    double alarmAt(double now, double silentMillis) {
        if (now - silentMillis > silentAt + 1) {
            // An answer came: if this is silence, it is a new one.
            sleptMillis = 0;
            doubtAt = Double.POSITIVE_INFINITY;
        }
        silentAt = now - silentMillis;
        if (silentMillis == 0) return Double.POSITIVE_INFINITY;
        double left = millis() / 2 - Math.max(0, silentMillis - sleptMillis);
        if (left >= 1) return now + left;
        if (doubtAt == Double.POSITIVE_INFINITY) doubtAt = now;
        return doubtAt + LISTEN_MILLIS;
    }

    void alarmed() {
        alarm = true;
    }

    /** Nothing is owed; tells whether that ends an alarm: it spoke before another was there. */
    boolean calm(double now) {
        boolean ends = alarm;
        alarm = false;
        if (ends) {
            caution = Math.min(MAX_CAUTION, caution * 2);
            cautionAt = now;
        } else if (caution > 1 && now - cautionAt >= CALM_MILLIS) {
            caution /= 2;
            cautionAt = now;
        }
        return ends;
    }

    /** Whether the alarm was given, and nothing was heard since. */
    boolean alarm() {
        return alarm;
    }

    /** Nothing of it counts on another network. */
    void forget() {
        caution = 1;
    }
}
