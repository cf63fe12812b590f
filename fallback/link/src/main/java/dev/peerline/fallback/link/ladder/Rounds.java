package dev.peerline.fallback.link.ladder;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Attempts come in rounds: which rungs this one has tried, and when the next may begin. */
final class Rounds {
    /** The next rung is raced after so long, where no round trip was measured. */
    private static final double STAGGER_MILLIS = 400;

    private static final double MIN_STAGGER_MILLIS = 250;
    private static final double MAX_STAGGER_MILLIS = 2_000;

    /**
     * The same, where everybody was told that the server is not there: when it is back, all its
     * clients are, and it is the server that is slow.
     */
    private static final double AWAY_STAGGER_MILLIS = 4_000;

    /** The same, where the present carrier is silent. */
    private static final double HASTE_MILLIS = 80;

    /**
     * How long a carrier may take to open, where no round trip was measured, and at least, by round
     * trips: longer after each round in which one hung, for the network may be slow.
     */
    private static final double OPENING_MILLIS = 3_000;

    private static final double MIN_OPENING_MILLIS = 1_000;
    private static final double OPENING_ROUND_TRIPS = 8;

    private static final double MAX_OPENING_MILLIS = 10_000;

    /** How long after its {@code HELLO} it may take to be welcome. */
    private static final double GREETING_MILLIS = 1_000;

    /** Between rounds of attempts: the first wait, doubled by each, and the longest. */
    private static final double BACKOFF_MILLIS = 250;

    private static final double MAX_BACKOFF_MILLIS = 10_000;

    private final DoubleSupplier random;

    /** Rungs that were tried, and those of them that failed and have not fallen for it. */
    private final Set<Rung> tried = EnumSet.noneOf(Rung.class);

    private final Set<Rung> failed = EnumSet.noneOf(Rung.class);

    /** A request got no answer at all. */
    boolean unreachable;

    /** When the next rung of this round is tried. */
    double nextAt;

    /** Nothing is tried before. */
    double notBefore;

    /** Rounds since one had a lasting success, as far as they count for the wait between. */
    int attempts;

    /** Rounds in which one hung, and whether one did in this. */
    private int hung;

    private boolean hangs;

    /** A whole round was told that nobody is there. */
    private boolean away;

    Rounds(DoubleSupplier random) {
        this.random = random;
    }

    boolean tried(Rung rung) {
        return tried.contains(rung);
    }

    boolean failed(Rung rung) {
        return failed.contains(rung);
    }

    void fails(Rung rung) {
        failed.add(rung);
    }

    /** One of this round took too long. */
    void hangs() {
        hangs = true;
    }

    void dialled(Rung rung, double now, double rttMillis) {
        tried.add(rung);
        nextAt = now + waitMillis(false, rttMillis);
    }

    /** One is welcome: what hung before says nothing any more. */
    void succeeded() {
        hung = 0;
        hangs = away = false;
    }

    /** Nobody was welcome in this round. */
    void endInVain() {
        if (!hangs) away = true;
        end();
    }

    void end() {
        if (hangs) hung++;
        hangs = false;
        tried.clear();
        failed.clear();
        unreachable = false;
        nextAt = 0;
    }

    /** Nothing of it counts on another network. */
    void forget(double now) {
        hung = 0;
        away = false;
        attempts = 0;
        notBefore = 0;
        nextAt = now;
    }

    /** Full jitter: the next attempt at any time up to a bound that doubles. */
    void backOff(double now) {
        double most =
                Math.min(MAX_BACKOFF_MILLIS, BACKOFF_MILLIS * (1L << Math.min(attempts++, 30)));
        notBefore = Math.max(notBefore, now + random.getAsDouble() * most);
    }

    /** No attempt for so long; jitter is added. */
    void defer(double now, double millis) {
        notBefore = Math.max(notBefore, now + millis * (1 + random.getAsDouble() / 2));
    }

    double giveUpAt(Dialled dial, double rttMillis) {
        if (away) {
            double since = Double.isNaN(dial.openedAt) ? dial.at : dial.openedAt;
            return since + MAX_OPENING_MILLIS;
        }
        if (!Double.isNaN(dial.openedAt)) {
            return dial.openedAt + Math.max(GREETING_MILLIS, 4 * rttMillis);
        }
        // Beside a carrier that works, many round trips cost nothing.
        if (dial.rung == Rung.DATA_CHANNEL) return dial.at + MAX_OPENING_MILLIS;
        double millis =
                rttMillis == 0
                        ? OPENING_MILLIS
                        : Math.max(MIN_OPENING_MILLIS, OPENING_ROUND_TRIPS * rttMillis);
        return dial.at + Math.min(MAX_OPENING_MILLIS, millis * (1L << Math.min(hung, 30)));
    }

    /**
     * Between one rung and the next.
     *
     * @param hasty the present carrier is silent
     */
    double waitMillis(boolean hasty, double rttMillis) {
        if (hasty) return Math.max(HASTE_MILLIS, 2 * rttMillis);
        if (away) return AWAY_STAGGER_MILLIS;
        double millis =
                rttMillis == 0 ? STAGGER_MILLIS : Math.max(MIN_STAGGER_MILLIS, 4 * rttMillis);
        return Math.min(millis, MAX_STAGGER_MILLIS);
    }
}
