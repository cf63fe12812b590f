package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.topic.Gap.Reason;
import dev.peerline.fallback.link.topic.LogState.Lost;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Topics whose messages are in memory; whoever extends it says what else becomes of them. All logs
 * share one epoch. Thread-safe: one lock a log, and none of two at once.
 */
public abstract class HeldTopics implements Topics {
    /** Room for new topics is looked for no more often. */
    private static final long LOOK_MILLIS = 1_000;

    private final long epoch;
    private final TopicLimits limits;
    private final Budget budget;
    private final Map<String, HeldLog> logs = new ConcurrentHashMap<>();

    /** Logs begin after all that were dropped, so that no offset is ever given twice. */
    private final AtomicReference<Lost> base = new AtomicReference<>(Lost.NOTHING);

    private volatile long lookedMillis = -LOOK_MILLIS;

    /**
     * @param epoch 0 … 2^53−1; another one after messages were lost, that nobody can foretell
     */
    protected HeldTopics(long epoch, TopicLimits limits) {
        this.epoch = epoch;
        this.limits = limits;
        budget = new Budget(limits.allBytes());
    }

    /**
     * Keeps a message. It is called under the log's lock, and hands over what takes time.
     *
     * @param key its idempotency key; null for none
     * @return whether it is kept already; if not, {@link #kept} is called later
     */
    protected abstract boolean keep(HeldLog log, TopicMessage message, @Nullable String key);

    /** Everything up to an offset is kept. */
    protected final void kept(HeldLog log, long offset) {
        log.reveal(offset);
    }

    /** What all messages take in memory. */
    protected final long bytes() {
        return budget.used();
    }

    /** The logs that there are. */
    protected final Collection<HeldLog> logs() {
        return List.copyOf(logs.values());
    }

    /** The offset after which new logs begin. */
    protected final Lost base() {
        return base.get();
    }

    /** Begins with what an earlier process had kept. Before anybody else uses this. */
    protected final HeldLog restore(LogState state, Iterable<TopicMessage> messages) {
        HeldLog log = new HeldLog(state.name(), epoch, Lost.NOTHING, limits, budget);
        log.restore(state, messages);
        logs.put(state.name(), log);
        return log;
    }

    /** New logs begin after this. */
    protected final void restoreBase(Lost lost) {
        base.set(lost);
    }

    @Override
    public final TopicLog log(String firstSegment) {
        return new View(firstSegment);
    }

    @Override
    public final Outcome publish(Publication publication, long nowMillis, Consumer<Cursor> kept) {
        if (trouble() != null) return Outcome.STORAGE;
        String topic = publication.topic().text();
        boolean looked = false;
        while (true) {
            HeldLog log = open(publication.topic().firstSegment());
            if (!log.holds(topic) && topics() >= limits.maxTopics()) {
                if (looked || !makeRoom(nowMillis)) return Outcome.TOO_MANY_TOPICS;
                looked = true;
                continue;
            }
            Outcome outcome = publish(log, publication, nowMillis, kept);
            if (outcome != null) return outcome;
        }
    }

    /** Null when the log is closed by now. */
    private @Nullable Outcome publish(
            HeldLog log, Publication publication, long nowMillis, Consumer<Cursor> kept) {
        String key = publication.key();
        long offset = 0;
        boolean fresh;
        boolean done;
        synchronized (log) {
            if (log.isClosed()) return null;
            if (key != null) offset = log.taken(publication.topic().text(), key, nowMillis);
            fresh = offset == 0;
            if (fresh) {
                if (key != null && !log.hasRoomForKey()) return Outcome.TOO_MANY_KEYS;
                TopicMessage message = log.append(publication, nowMillis);
                offset = message.offset();
                done = keep(log, message, key);
            } else {
                done = offset <= log.visible();
            }
            if (!done) done = log.tellWhenKept(offset, kept);
        }
        if (!done) return Outcome.TAKEN;
        if (fresh) log.reveal(offset);
        kept.accept(new Cursor(epoch, offset));
        return Outcome.TAKEN;
    }

    private HeldLog open(String name) {
        return logs.computeIfAbsent(
                name, _ -> new HeldLog(name, epoch, base.get(), limits, budget));
    }

    private int topics() {
        int sum = 0;
        for (HeldLog log : logs.values()) sum += log.topics();
        return sum;
    }

    /** Forgets topics without messages; returns whether there were any. */
    private boolean makeRoom(long nowMillis) {
        if (nowMillis >= lookedMillis && nowMillis < lookedMillis + LOOK_MILLIS) return false;
        lookedMillis = nowMillis;
        int dropped = 0;
        for (HeldLog log : logs.values()) {
            log.advance(nowMillis);
            dropped += log.dropEmptyTopics();
            close(log, true);
        }
        return dropped > 0;
    }

    private void close(HeldLog log, boolean everUsed) {
        log.closeIfIdle(
                everUsed,
                end -> {
                    if (everUsed) base.accumulateAndGet(end, Lost::max);
                    logs.remove(log.name(), log);
                });
    }

    @Override
    public final void advance(long nowMillis) {
        for (HeldLog log : logs.values()) {
            log.advance(nowMillis);
            // Readers alone had it made.
            close(log, false);
        }
    }

    @Override
    public final Gauges gauges() {
        int topics = 0;
        long messages = 0;
        for (HeldLog log : logs.values()) {
            topics += log.topics();
            messages += log.messages();
        }
        return new Gauges(logs.size(), topics, messages, budget.used());
    }

    /** A log by its name, whether there is one or not. */
    private final class View implements TopicLog {
        private final String name;

        private View(String name) {
            this.name = name;
        }

        @Override
        public long epoch() {
            return epoch;
        }

        @Override
        public long head() {
            HeldLog log = logs.get(name);
            return log == null ? base.get().offset() : log.visible();
        }

        @Override
        public long forgotten() {
            HeldLog log = logs.get(name);
            return log == null ? base.get().offset() : log.forgotten();
        }

        @Override
        public Page read(TopicFilter filter, long after, int maxMessages, long maxBytes) {
            HeldLog log = logs.get(name);
            if (log != null) return log.read(filter, after, maxMessages, maxBytes);
            Lost lost = base.get();
            long next = Math.max(after, lost.offset());
            if (after >= lost.offset()) return new Page(null, List.of(), next, false);
            Cursor oldest = new Cursor(epoch, next);
            Reason reason = lost.reason();
            Gap gap = new Gap(new Cursor(epoch, after), oldest, reason);
            return new Page(gap, List.of(), next, false);
        }

        @Override
        public Waiting await(Runnable wake) {
            while (true) {
                Waiting waiting = open(name).await(wake);
                if (waiting != null) return waiting;
            }
        }
    }
}
