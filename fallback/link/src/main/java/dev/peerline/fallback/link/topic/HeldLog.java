package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.topic.Gap.Reason;
import dev.peerline.fallback.link.topic.LogState.Lost;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A log whose messages are in memory. Readers see a message when it is kept; where that takes a
 * while, it waits here. Thread-safe: its own lock, held for array work only.
 */
public final class HeldLog {
    private final String name;
    private final long epoch;
    private final TopicLimits limits;
    private final Budget budget;
    private final List<Runnable> waiting = new CopyOnWriteArrayList<>();
    private final MessageRing messages = new MessageRing();
    private final Map<String, Topic> topics = new HashMap<>();
    private final RecentKeys keys = new RecentKeys();

    /** Who is to be told that a message is kept, by its offset. */
    private final TreeMap<Long, List<Consumer<Cursor>>> untold = new TreeMap<>();

    /** The offset after which its life began. */
    private final long began;

    private Lost floor;
    private long head;
    private long visible;
    private long forgotten;
    private long bytes;
    private boolean closed;

    /** One topic: its messages, and up to where it is lost. */
    private static final class Topic {
        private final MessageRing messages = new MessageRing();
        private Lost lost = Lost.NOTHING;
    }

    /**
     * @param base the offset after which it begins; what is before it counts as lost
     */
    HeldLog(String name, long epoch, Lost base, TopicLimits limits, Budget budget) {
        this.name = name;
        this.epoch = epoch;
        this.limits = limits;
        this.budget = budget;
        began = base.offset();
        floor = base;
        head = began;
        visible = head;
        forgotten = head;
    }

    /** The first segment of its topics. */
    public String name() {
        return name;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized boolean holds(String topic) {
        return topics.containsKey(topic);
    }

    synchronized int topics() {
        return topics.size();
    }

    synchronized int messages() {
        return messages.size();
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized long visible() {
        return visible;
    }

    synchronized long forgotten() {
        return forgotten;
    }

    /** The offset that was given to a key; 0 for none. The lock is held. */
    long taken(String topic, String key, long nowMillis) {
        return keys.find(topic, key, nowMillis);
    }

    /** Whether there is room for another key. The lock is held. */
    boolean hasRoomForKey() {
        return keys.size() < limits.maxKeys();
    }

    /** Appends what nobody sees yet. The lock is held. */
    TopicMessage append(Publication publication, long nowMillis) {
        String topic = publication.topic().text();
        Bytes body = publication.body().compact();
        Cursor id = new Cursor(epoch, ++head);
        TopicMessage message = new TopicMessage(id, nowMillis, topic, publication.type(), body);
        String key = publication.key();
        if (key != null) keys.add(new LogState.Key(topic, key, head, nowMillis));
        hold(message);
        return message;
    }

    private void hold(TopicMessage message) {
        messages.add(message);
        topics.computeIfAbsent(message.topic(), _ -> new Topic()).messages.add(message);
        account(message.cost());
    }

    /** Has somebody told when a message is kept; returns whether it is already. Locked. */
    boolean tellWhenKept(long offset, Consumer<Cursor> kept) {
        if (offset <= visible) return true;
        untold.computeIfAbsent(offset, _ -> new ArrayList<>(1)).add(kept);
        return false;
    }

    /** Shows everything up to an offset, tells those who wait for it, and wakes readers. */
    void reveal(long offset) {
        List<List<Consumer<Cursor>>> told;
        List<Long> offsets;
        synchronized (this) {
            visible = Math.max(visible, offset);
            enforceLimits();
            Map<Long, List<Consumer<Cursor>>> due = untold.headMap(visible, true);
            offsets = List.copyOf(due.keySet());
            told = List.copyOf(due.values());
            due.clear();
        }
        for (int i = 0; i < told.size(); i++) {
            for (Consumer<Cursor> kept : told.get(i)) {
                kept.accept(new Cursor(epoch, offsets.get(i)));
            }
        }
        for (Runnable wake : waiting) wake.run();
    }

    private void enforceLimits() {
        while (messages.size() > limits.maxMessages() && forgetOldest(Reason.COUNT)) {}
        long allowance = budget.allowance(limits.maxBytes());
        // The newest stays in any case: it is on its way to readers that may well be quick.
        while (bytes > allowance && messages.size() > 1 && forgetOldest(Reason.BYTES)) {}
    }

    /** Forgets what is too old. */
    synchronized void advance(long nowMillis) {
        long oldest = nowMillis - limits.maxAge().toMillis();
        while (messages.size() > 0 && messages.get(0).timeMillis() < oldest) {
            if (!forgetOldest(Reason.AGE)) break;
        }
        keys.forget(nowMillis);
    }

    /** Returns false when nobody may see it yet. */
    private boolean forgetOldest(Reason reason) {
        if (messages.get(0).offset() > visible) return false;
        TopicMessage oldest = messages.removeFirst();
        Topic topic = topics.get(oldest.topic());
        if (topic == null) throw new AssertionError("no topic " + oldest.topic());
        topic.messages.removeFirst();
        topic.lost = new Lost(oldest.offset(), reason);
        forgotten = oldest.offset();
        account(-oldest.cost());
        return true;
    }

    private void account(long change) {
        bytes += change;
        budget.add(change);
    }

    /** Forgets topics without messages; returns how many. Gaps of them become coarse. */
    synchronized int dropEmptyTopics() {
        int before = topics.size();
        for (Topic topic : topics.values()) {
            if (topic.messages.size() == 0) floor = floor.max(topic.lost);
        }
        topics.values().removeIf(topic -> topic.messages.size() == 0);
        return before - topics.size();
    }

    /** Ends it if nothing would be missed; the callback runs before anybody sees that. */
    synchronized void closeIfIdle(boolean everUsed, Consumer<Lost> closing) {
        boolean used = head > began;
        boolean idle = topics.isEmpty() && keys.size() == 0 && waiting.isEmpty();
        if (closed || !idle || (used && !everUsed)) return;
        closed = true;
        closing.accept(new Lost(head, floor.reason()));
    }

    synchronized Page read(TopicFilter filter, long after, int maxMessages, long maxBytes) {
        Lost lost = after < forgotten ? lost(filter, after) : Lost.NOTHING;
        long from = Math.max(after, forgotten);
        MessageRing ring = ring(filter);
        List<TopicMessage> found = new ArrayList<>();
        long size = 0;
        long next = Math.max(from, visible);
        boolean more = false;
        for (int i = ring.after(from); i < ring.size(); i++) {
            TopicMessage message = ring.get(i);
            if (message.offset() > visible) break;
            if (!filter.reads(message.topic())) continue;
            if (found.size() == maxMessages || size >= maxBytes) {
                next = found.getLast().offset();
                more = true;
                break;
            }
            found.add(message);
            size += message.body().length();
        }
        Gap gap = lost.offset() > after ? gap(after, found, next, lost.reason()) : null;
        return new Page(gap, found, next, more);
    }

    private MessageRing ring(TopicFilter filter) {
        if (!filter.pattern().isTopic()) return messages;
        Topic topic = topics.get(filter.pattern().text());
        return topic == null ? new MessageRing() : topic.messages;
    }

    private Gap gap(long after, List<TopicMessage> found, long next, Reason reason) {
        Cursor oldest = found.isEmpty() ? new Cursor(epoch, next) : found.getFirst().id();
        return new Gap(new Cursor(epoch, after), oldest, reason);
    }

    private Lost lost(TopicFilter filter, long after) {
        Lost lost = floor;
        if (filter.pattern().isTopic()) {
            Topic topic = topics.get(filter.pattern().text());
            return topic == null ? lost : lost.max(topic.lost);
        }
        for (Map.Entry<String, Topic> each : topics.entrySet()) {
            Lost its = each.getValue().lost;
            if (its.offset() > after && filter.reads(each.getKey())) lost = lost.max(its);
        }
        return lost;
    }

    /** Null when it is closed. */
    synchronized TopicLog.@Nullable Waiting await(Runnable wake) {
        if (closed) return null;
        waiting.add(wake);
        return () -> waiting.remove(wake);
    }

    /** All that has to be known of it beside its messages, as far as these are visible. */
    public synchronized LogState state() {
        List<LogState.Topic> lost = new ArrayList<>();
        topics.forEach(
                (topic, known) -> {
                    if (known.lost.offset() > 0) lost.add(new LogState.Topic(topic, known.lost));
                });
        List<LogState.Key> recent = new ArrayList<>();
        keys.each(
                key -> {
                    if (key.offset() <= visible) recent.add(key);
                });
        return new LogState(name, visible, forgotten, floor, lost, recent);
    }

    /** The messages that are kept and visible, up to an offset. */
    public synchronized List<TopicMessage> messages(long upTo) {
        List<TopicMessage> found = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            TopicMessage message = messages.get(i);
            if (message.offset() > Math.min(upTo, visible)) break;
            found.add(message);
        }
        return found;
    }

    /** Takes on what an earlier process knew. Before anybody reads it. */
    synchronized void restore(LogState state, Iterable<TopicMessage> kept) {
        floor = state.floor();
        forgotten = state.forgotten();
        for (LogState.Topic topic : state.topics()) {
            topics.computeIfAbsent(topic.name(), _ -> new Topic()).lost = topic.lost();
        }
        for (TopicMessage message : kept) {
            if (message.offset() > forgotten) hold(message);
        }
        state.keys().forEach(keys::add);
        head = state.head();
        visible = head;
        enforceLimits();
    }
}
