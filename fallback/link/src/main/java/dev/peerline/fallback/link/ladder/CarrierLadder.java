package dev.peerline.fallback.link.ladder;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Decides which carrier the session runs on, from evidence alone: what opened, was welcome, closed,
 * and for how long answers are owed. Times are milliseconds of one monotonic clock, chance is a
 * parameter, nothing is opened from here. Tell it what happens, call {@link #observe}, then do what
 * {@link #next} says; {@link #observe} again by {@link #deadline}. Not thread-safe.
 *
 * <p>Without a carrier the rungs are raced, best first, each after a stagger. While one is silent
 * it is kept, and others are dialled beside it. While a lower one works, a better one is tried in
 * the background ever more seldom. The first that is welcome is used; one whose {@code HELLO} is
 * out is not taken back, for the server may have given it the reading. A data channel takes many
 * round trips: it is no part of a race, unless it is alone, and is tried where the server offers
 * it.
 */
public final class CarrierLadder {
    private static final double NEVER = Double.POSITIVE_INFINITY;

    /** A call this late says that the thread slept: that is not the carrier's silence. */
    private static final double LATE_MILLIS = 20;

    /** The present carrier is proven for so long before a better one is tried. */
    private static final double SETTLE_MILLIS = 1_000;

    /** News of the network come in bursts: an attempt so young has heard them. */
    private static final double FRESH_MILLIS = 300;

    /** What fails so soon after news is their doing. */
    private static final double NEWS_MILLIS = 5_000;

    private final List<Rung> rungs;
    private final Standings standings;

    /** Those that are not welcome yet. */
    private final Map<Integer, Dialled> dials = new LinkedHashMap<>();

    private @Nullable Dialled present;
    private int count;
    private final Deque<CarrierAction> actions = new ArrayDeque<>();
    private boolean running;
    private double deadline = NEVER;

    private final Rounds round;

    /** The present carrier is to be replaced, though it is not silent. */
    private boolean leave;

    /** Why the next move comes. */
    private String reason = "start";

    private final Patience patience = new Patience();
    private final Pulse pulse = new Pulse();
    private final Climbs climbs = new Climbs();
    private double newsAt = Double.NEGATIVE_INFINITY;
    private @Nullable Rung remembered;
    private boolean offered;

    /**
     * @param allowed those that are allowed and there are
     * @param random 0 … 1
     * @param remembered what worked last on this network
     */
    public CarrierLadder(
            Collection<Rung> allowed, DoubleSupplier random, @Nullable Rung remembered) {
        rungs = List.copyOf(EnumSet.copyOf(allowed));
        round = new Rounds(random);
        this.remembered = remembered;
        standings = new Standings(rungs);
    }

    /** When {@link #observe} is to be called again; infinity for never. */
    public double deadline() {
        return deadline;
    }

    /** The rung in use; null when there is none. */
    public @Nullable Rung path() {
        return present == null ? null : present.rung;
    }

    /** How long an answer may be owed. */
    public double patienceMillis() {
        return patience.millis();
    }

    /** What to do next; null when there is nothing. */
    public @Nullable CarrierAction next() {
        return actions.poll();
    }

    // What happened

    public void start(double now) {
        running = true;
        if (count > 0 || remembered == null) return;
        for (Rung rung : rungs) {
            if (rung.outranks(remembered)) standings.fall(rung, now, 2);
        }
    }

    /** Nothing is tried until {@link #start}; all is closed. */
    public void stop() {
        running = false;
        for (int id : dials.keySet()) actions.add(new CarrierAction.Close(id));
        if (present != null) actions.add(new CarrierAction.Close(present.id));
        dials.clear();
        present = null;
        round.end();
        deadline = NEVER;
    }

    /** Its {@code HELLO} went out. */
    public void opened(int dial, double now) {
        Dialled opening = dials.get(dial);
        if (opening == null) return;
        opening.openedAt = now;
        round.nextAt = Math.max(round.nextAt, now + waitMillis(opening.replaces));
    }

    /** It is proven. */
    public void welcomed(int dial, double now) {
        Dialled proven = dials.remove(dial);
        if (proven == null) return;
        Dialled before = present;
        proven.welcomedAt = now;
        present = proven;
        round.succeeded();
        if (before != null) actions.add(new CarrierAction.Close(before.id));
        String why = before == null ? reason : why(before, proven, now);
        Rung from = before == null ? null : before.rung;
        actions.add(new CarrierAction.Move(from, proven.rung, why));
        if (why.equals("proven")) climbs.add(now);
        judge(before, proven, now);
        for (Dialled other : List.copyOf(dials.values())) {
            // What is no better is not needed any more; what is better may go on, unless the
            // session just fled from it.
            boolean better = other.rung.outranks(proven.rung);
            if (!better || (before != null && !other.greets())) drop(other.id);
        }
        round.end();
        leave = false;
        patience.renew(now);
        pulse.heard(now, false);
    }

    public void closed(int dial, double now, CarrierEnd end) {
        if (present != null && present.id == dial) {
            presentClosed(present, now, end);
            return;
        }
        Dialled dialled = dials.remove(dial);
        if (dialled == null) return;
        round.unreachable |= end == CarrierEnd.UNREACHABLE;
        // By another that greets.
        if (end == CarrierEnd.OVERTAKEN) return;
        missed(dialled, now);
        // The next rung of this round need not wait.
        round.nextAt = now;
    }

    private void presentClosed(Dialled closed, double now, CarrierEnd end) {
        if (end == CarrierEnd.OVERTAKEN && dials.values().stream().anyMatch(Dialled::greets)) {
            // For the one that greets: its WELCOME is on its way.
            closed.endedAt = now;
            return;
        }
        present = null;
        reason = cause(now, "closed");
        leave = false;
        if (end != CarrierEnd.OVERTAKEN) died(closed, now);
        if (dials.isEmpty()) round.end();
        round.backOff(now);
    }

    /**
     * Whether the server takes data channels.
     *
     * @param yes as it said last
     */
    public void offer(boolean yes) {
        offered = yes;
    }

    /** A measured round trip. */
    public void measured(double millis) {
        patience.measured(millis);
    }

    /**
     * A packet came.
     *
     * @param active it was more than an answer: the application has traffic
     */
    public void heard(double now, boolean active) {
        pulse.heard(now, active);
        // A server that speaks is there.
        round.attempts = Math.min(round.attempts, 1);
    }

    /** The network is not what it was: what is open is asked at once, and no wait applies. */
    public void news(double now) {
        if (!running || now - newsAt < FRESH_MILLIS) return;
        newsAt = now;
        for (Dialled dial : List.copyOf(dials.values())) {
            if (!dial.greets() && now - dial.at >= FRESH_MILLIS) drop(dial.id);
        }
        standings.forget(now);
        round.forget(now);
        patience.forget();
        if (dials.isEmpty()) round.end();
        if (present != null) actions.add(new CarrierAction.Ping());
    }

    private String cause(double now, String otherwise) {
        return now - newsAt < NEWS_MILLIS ? "network" : otherwise;
    }

    /**
     * No attempt for so long; jitter is added.
     *
     * @param leaves the present one will end
     */
    public void defer(double now, double millis, boolean leaves) {
        round.defer(now, millis);
        leave |= leaves;
    }

    // What follows

    /**
     * Decides.
     *
     * @param silentMillis for how long the server has owed an answer; 0: it owes none
     */
    public void observe(double now, double silentMillis) {
        double lateMillis = now - deadline;
        deadline = NEVER;
        if (!running) return;
        if (lateMillis > LATE_MILLIS) overslept(lateMillis);
        for (Dialled dial : List.copyOf(dials.values())) {
            if (now < giveUpAt(dial)) continue;
            drop(dial.id);
            round.hangs();
            missed(dial, now);
        }
        if (present != null && present.ended() && dials.isEmpty()) {
            // The one that it was ended for did not come.
            present = null;
            reason = cause(now, "closed");
        }
        if (present != null) watch(present, now, silentMillis);
        else race(now);
        for (Dialled dial : dials.values()) by(giveUpAt(dial));
        deadline = Math.max(deadline, now + 1);
    }

    private void overslept(double millis) {
        patience.slept(millis);
        for (Dialled dial : dials.values()) {
            dial.at += millis;
            dial.openedAt += millis;
        }
    }

    private void by(double at) {
        deadline = Math.min(deadline, at);
    }

    private double giveUpAt(Dialled dial) {
        return round.giveUpAt(dial, patience.rttMillis());
    }

    private double waitMillis(boolean hasty) {
        return round.waitMillis(hasty, patience.rttMillis());
    }

    /** There is no carrier: one rung after the other, each after a stagger. */
    private void race(double now) {
        if (now < round.notBefore) {
            by(round.notBefore);
            return;
        }
        Rung rung = untried(now);
        if (rung != null && now >= round.nextAt) dial(rung, now, false);
        if (untried(now) != null) {
            by(round.nextAt);
            return;
        }
        if (!dials.isEmpty()) return;
        round.endInVain();
        round.backOff(now);
        by(round.notBefore);
    }

    /** The next rung of this round: those in good standing, best first; then the others. */
    private @Nullable Rung untried(double now) {
        Rung other = null;
        for (Rung rung : rungs) {
            // Where one request got no answer at all, another gets none either.
            boolean hopeless = round.unreachable && rung != Rung.WEBSOCKET;
            if (round.tried(rung) || hopeless || !races(rung)) continue;
            if (standings.retryAt(rung) <= now) return rung;
            if (other == null) other = rung;
        }
        return other;
    }

    private void watch(Dialled on, double now, double silentMillis) {
        forgive(on, now);
        double owedMillis = on.ended() ? now - on.endedAt + 1 : silentMillis;
        double alarmAt = patience.alarmAt(now, owedMillis);
        if (now >= alarmAt) {
            patience.alarmed();
            replace(on, now);
            return;
        }
        by(alarmAt);
        if (leave) {
            if (now < round.notBefore) by(round.notBefore);
            else replace(on, now);
            return;
        }
        if (owedMillis == 0 && patience.calm(now)) {
            for (Dialled dial : List.copyOf(dials.values())) {
                if (!dial.greets()) drop(dial.id);
            }
        }
        if (dials.isEmpty()) round.end();
        climb(on, now);
        ask(now, silentMillis);
    }

    /** Beside the present carrier: the same rung anew, then the next, then the others. */
    private void replace(Dialled on, double now) {
        if (now < round.notBefore) {
            by(round.notBefore);
            return;
        }
        Rung first = races(on.rung) ? on.rung : below(on.rung);
        Rung rung = replacement(first, on.rung);
        if (rung == null) {
            if (!dials.isEmpty()) return;
            // One that stays silent is replaced by ever fewer attempts.
            round.end();
            round.backOff(now);
            by(round.notBefore);
            return;
        }
        if (round.tried(first) && now < round.nextAt) {
            by(round.nextAt);
            return;
        }
        dial(rung, now, true);
        round.nextAt = now + waitMillis(!leave);
        by(round.nextAt);
    }

    private @Nullable Rung replacement(Rung first, Rung on) {
        if (!round.tried(first)) return first;
        Rung next = below(on);
        if (!round.tried(next)) return next;
        for (Rung rung : rungs) {
            if (!round.tried(rung) && races(rung)) return rung;
        }
        return null;
    }

    /** The next rung; the same where it is the last. */
    private Rung below(Rung on) {
        for (Rung rung : rungs) if (on.outranks(rung)) return rung;
        return on;
    }

    /** Whether it is quick enough to set up where there is nothing else. */
    private boolean races(Rung rung) {
        return rung != Rung.DATA_CHANNEL || rungs.size() == 1;
    }

    /**
     * The best rung above the present one that may be tried; one that hangs does not keep the next
     * from it.
     */
    private void climb(Dialled on, double now) {
        List<Rung> better = rungs.stream().filter(rung -> untriedAbove(on, rung)).toList();
        if (better.isEmpty()) return;
        double turn = dials.isEmpty() ? 0 : round.nextAt;
        double free = Math.max(climbs.freeAt(now), Math.max(turn, round.notBefore));
        double settled = Math.max(on.welcomedAt + SETTLE_MILLIS, free);
        double earliest = NEVER;
        for (Rung rung : better) {
            double at = Math.max(settled, standings.retryAt(rung));
            if (now >= at) {
                dial(rung, now, false);
                climb(on, now);
                return;
            }
            earliest = Math.min(earliest, at);
        }
        by(earliest);
    }

    private boolean untriedAbove(Dialled on, Rung rung) {
        return rung.outranks(on.rung)
                && (offered || races(rung))
                && dials.values().stream().noneMatch(dial -> dial.rung == rung);
    }

    /** Whether a quiet carrier lives. */
    private void ask(double now, double silentMillis) {
        if (silentMillis > 0 || path() == Rung.POLL) return;
        double at = pulse.due(patience.rttMillis());
        if (now < at) {
            by(at);
            return;
        }
        pulse.asked();
        actions.add(new CarrierAction.Ping());
        by(now + patienceMillis() / 2);
    }

    // Carriers

    private void dial(Rung rung, double now, boolean replaces) {
        int id = ++count;
        actions.add(new CarrierAction.Dial(id, rung));
        dials.put(id, new Dialled(id, rung, now, replaces));
        round.dialled(rung, now, patience.rttMillis());
    }

    private void drop(int id) {
        dials.remove(id);
        actions.add(new CarrierAction.Close(id));
    }

    /** One did not come to be welcome. */
    private void missed(Dialled dial, double now) {
        // Beside one that works: what is better failed its trial.
        if (present != null && dial.rung.outranks(present.rung)) standings.fall(dial.rung, now);
        else round.fails(dial.rung);
    }

    private String why(Dialled before, Dialled proven, double now) {
        if (leave) return "server";
        boolean climbs = proven.rung.outranks(before.rung);
        return proven.replaces || !climbs ? cause(now, "silent") : "proven";
    }

    /** What this proof says of others. */
    private void judge(@Nullable Dialled before, Dialled proven, double now) {
        for (Rung rung : rungs) {
            boolean left = before != null && before.rung == rung;
            if (rung.outranks(proven.rung) && (round.failed(rung) || left)) {
                standings.fall(rung, now);
            }
        }
        if (before != null && patience.alarm()) died(before, now);
    }

    private void died(Dialled dial, double now) {
        double lived = now - dial.welcomedAt;
        standings.died(dial.rung, now, lived);
        if (lived >= Standings.YOUNG_MILLIS) round.attempts = 0;
    }

    private void forgive(Dialled on, double now) {
        standings.forgive(now);
        if (now - on.welcomedAt < Standings.YOUNG_MILLIS) {
            by(on.welcomedAt + Standings.YOUNG_MILLIS);
            return;
        }
        round.attempts = 0;
        standings.lived(on.rung);
        if (on.rung == remembered) return;
        remembered = on.rung;
        actions.add(new CarrierAction.Remember(on.rung));
    }
}
