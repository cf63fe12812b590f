package dev.peerline.fallback.link.ladder;

import dev.peerline.fallback.link.pair.PairPath;

/**
 * Decides whether one pair uses its data channel or the session, from evidence alone:
 * acknowledgements that advance, probes that come back. Times are milliseconds of one monotonic
 * clock, and nothing is sent from here. Not thread-safe.
 *
 * <p>After the n-th fall the channel has to echo for 2^(n-1) s (at most 64) before it is used
 * again; each minute without a fall takes one back. So there are at most 6 ascents in any minute,
 * however the path behaves.
 */
public final class PathLadder {
    /** A fast path is left after so long a silence; it grows with the round trip. */
    private static final double PATIENCE_MILLIS = 300;

    /** The same when probes still come back: only its reliable channel is stuck. */
    private static final double STUCK_MILLIS = 600;

    /** A call this late says that the thread slept; what it could not hear proves nothing. */
    private static final double LATE_MILLIS = 20;

    /** Between probes: on a link that nobody uses, and on one in use. */
    private static final double IDLE_MILLIS = 15_000;

    private static final double ACTIVE_MILLIS = 2_000;

    /** The first wait after a lost probe, doubled by each further one. */
    private static final double RETRY_MILLIS = 250;

    /** Probes lost in a row that end a path on which nothing waits for an acknowledgement. */
    private static final int MAX_LOST = 4;

    /** Echoes in a row that a path owes after a fall. */
    private static final int ECHOES = 4;

    private static final int MAX_LEVEL = 7;
    private static final double LEVEL_MILLIS = 60_000;
    private static final double NEVER = Double.POSITIVE_INFINITY;

    private PairPath path = PairPath.SESSION;
    private double rttMillis;
    private double deadline = NEVER;
    private boolean open;

    /** Falls that are not forgiven yet, and when that last changed. */
    private int level;

    private double levelAt;
    private double probeAt = Double.NEGATIVE_INFINITY;
    private boolean waiting;
    private int lost;
    private boolean urgent;
    private int echoes;
    private double provenAt;

    /** The present silence: since when, slept through for how long, doubted since when. */
    private double silentAt;

    private double sleptMillis;
    private double doubtedAt = NEVER;

    /** Whether a probe came back since it was doubted. */
    private boolean alive;

    /**
     * What is known from outside.
     *
     * @param silentMillis for how long acknowledgements have not advanced while something on the
     *     data channel waits for one, 0 if nothing does
     * @param activeAt when the application last sent or got something
     * @param fallback whether there is a session to fall to
     */
    public record Evidence(double silentMillis, double activeAt, boolean fallback) {}

    /** What to do. */
    public sealed interface Action {}

    /** Send a probe over the data channel, or nothing. */
    public record Probe(boolean send) implements Action {}

    /** Move the pair. */
    public record Use(PairPath path, String reason) implements Action {}

    /** There is nothing to watch. */
    public record Rest() implements Action {}

    public PairPath path() {
        return path;
    }

    /** The smoothed round trip of the data channel, 0 before the first echo. */
    public double rttMillis() {
        return rttMillis;
    }

    /** {@link #observe} is to be called again by then; infinity for never. */
    public double deadline() {
        return deadline;
    }

    /** How long acknowledgements may stand still. */
    public double patienceMillis() {
        return Math.max(PATIENCE_MILLIS, 2 * rttMillis + 80);
    }

    /** How long the channel has to echo before the pair climbs. */
    public double holdMillis() {
        return level == 0 ? 0 : 500.0 * (1 << level);
    }

    /** The data channel is open. */
    public void opened(double now) {
        open = true;
        lost = 0;
        echoes = 0;
        waiting = false;
        doubt(now);
    }

    /** The data channel has gone. */
    public void closed(double now) {
        open = false;
        deadline = now;
    }

    /** Something happened to the network: ask at once. */
    public void doubt(double now) {
        urgent = true;
        deadline = now;
    }

    /** Something came over the data channel: a path thought dead is asked at once. */
    public void heard(double now) {
        if (path == PairPath.SESSION && lost > 0 && now - probeAt >= RETRY_MILLIS) doubt(now);
    }

    /**
     * A probe came back over the data channel.
     *
     * @param millis its round trip
     */
    public void echoed(double now, double millis) {
        rttMillis = Math.max(0.1, rttMillis == 0 ? millis : rttMillis + (millis - rttMillis) / 8);
        if (now - millis >= doubtedAt) alive = true;
        // Too late to prove anything.
        if (millis > patienceMillis()) return;
        waiting = false;
        lost = 0;
        if (echoes++ == 0) provenAt = now;
        deadline = now;
    }

    /** The pair has moved, because its other end did. */
    public void moved(PairPath to, double now) {
        if (to == path) return;
        if (to == PairPath.DIRECT) climb(now);
        else fall(now, "peer");
        deadline = now;
    }

    /** What to do now. To be called by the deadline, and after what may change the evidence. */
    public Action observe(double now, Evidence evidence) {
        double lateMillis = now - deadline;
        deadline = NEVER;
        if (!open) return path == PairPath.DIRECT ? fall(now, "closed") : new Rest();
        if (lateMillis > LATE_MILLIS) {
            sleptMillis += lateMillis;
            if (waiting) probeAt += lateMillis;
        }
        if (waiting && now >= probeAt + patienceMillis()) {
            waiting = false;
            lost++;
            echoes = 0;
        }
        return path == PairPath.DIRECT ? watch(now, evidence) : prove(now, evidence);
    }

    private Action watch(double now, Evidence evidence) {
        double silentMillis = evidence.silentMillis();
        if (now - silentMillis > silentAt + 1) {
            // They advanced: if this is silence, it is a new one.
            doubtedAt = NEVER;
            alive = false;
            sleptMillis = 0;
        }
        silentAt = now - silentMillis;
        double limit = alive ? Math.max(STUCK_MILLIS, 3 * rttMillis) : patienceMillis();
        double silent = Math.max(0, silentMillis - sleptMillis);
        if (evidence.fallback() && (silent >= limit || lost >= MAX_LOST)) {
            return fall(now, "silent");
        }
        if (silentMillis > 0) doubtSilence(now, silent, limit);
        if (level > 0 && now - levelAt >= LEVEL_MILLIS) {
            level--;
            levelAt = now;
        }
        double used = evidence.activeAt() > probeAt ? ACTIVE_MILLIS : IDLE_MILLIS;
        boolean retry = lost > 0 && lost < MAX_LOST;
        return probe(now, probeAt + (retry ? patienceMillis() : used));
    }

    private void doubtSilence(double now, double silent, double limit) {
        double doubtful = patienceMillis() / 2;
        if (silent >= doubtful && doubtedAt == NEVER) {
            doubtedAt = now;
            urgent = true;
        }
        double next =
                silent < doubtful ? doubtful : silent < limit ? limit : silent + ACTIVE_MILLIS;
        due(now, now + next - silent);
    }

    private Action prove(double now, Evidence evidence) {
        double hold = evidence.fallback() ? holdMillis() : 0;
        if (echoes >= (hold > 0 ? ECHOES : 1) && now - provenAt >= hold) return climb(now);
        double most = evidence.activeAt() > probeAt - ACTIVE_MILLIS ? ACTIVE_MILLIS : IDLE_MILLIS;
        double wait = echoes > 0 ? hold / ECHOES : RETRY_MILLIS * (1 << Math.min(lost, 9));
        return probe(now, probeAt + Math.min(wait, most));
    }

    private Action probe(double now, double at) {
        boolean send = urgent || (!waiting && now >= at);
        if (send) {
            urgent = false;
            waiting = true;
            probeAt = now;
        }
        due(now, waiting ? probeAt + patienceMillis() : at);
        return new Probe(send);
    }

    private void due(double now, double at) {
        deadline = Math.min(deadline, Math.max(at, now + 1));
    }

    private Use climb(double now) {
        path = PairPath.DIRECT;
        silentAt = now;
        levelAt = now;
        lost = 0;
        sleptMillis = 0;
        waiting = false;
        deadline = now;
        return new Use(PairPath.DIRECT, "proven");
    }

    private Use fall(double now, String reason) {
        path = PairPath.SESSION;
        level = Math.min(level + 1, MAX_LEVEL);
        levelAt = now;
        probeAt = now;
        lost = 0;
        echoes = 0;
        waiting = false;
        urgent = false;
        deadline = open ? now + RETRY_MILLIS : NEVER;
        return new Use(PairPath.SESSION, reason);
    }
}
