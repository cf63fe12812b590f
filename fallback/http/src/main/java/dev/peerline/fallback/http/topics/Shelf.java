package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.wire.Cursor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The readers of one log on one I/O thread. It reads the log once for all of them, and gives each
 * group what is for it. It belongs to that thread, but for {@link #wake}.
 */
final class Shelf {
    private static final int BATCH_MESSAGES = 256;
    private static final long BATCH_BYTES = 64 * 1024;

    private final String name;
    private final Hub hub;
    private final TopicLog log;
    private final TopicFilter everything;
    private final TopicLog.Waiting waiting;
    private final AtomicBoolean woken = new AtomicBoolean();

    /** Readers of single topics, by topic: a message finds them without a look at the others. */
    private final Map<String, Group> topics = new HashMap<>();

    private final Map<TopicFilter, Group> patterns = new LinkedHashMap<>();
    private long position;

    Shelf(String name, Hub hub, TopicLog log) {
        this.name = name;
        this.hub = hub;
        this.log = log;
        everything = TopicFilter.all(TopicPattern.wholeLog(name));
        waiting = log.await(this::wake);
        position = log.head();
    }

    String name() {
        return name;
    }

    boolean isEmpty() {
        return topics.isEmpty() && patterns.isEmpty();
    }

    void close() {
        waiting.cancel();
    }

    void add(Reader reader) {
        TopicFilter filter = reader.place().filter();
        Group group;
        if (filter.pattern().isTopic()) {
            String topic = filter.pattern().text();
            group =
                    topics.computeIfAbsent(
                            topic, _ -> new Group(TopicFilter.all(filter.pattern())));
        } else {
            group = patterns.computeIfAbsent(filter, Group::new);
        }
        group.add(reader);
    }

    void remove(Reader reader) {
        TopicFilter filter = reader.place().filter();
        String topic = filter.pattern().text();
        boolean one = filter.pattern().isTopic();
        Group group = one ? topics.get(topic) : patterns.get(filter);
        if (group == null) return;
        group.remove(reader);
        if (!group.isEmpty()) return;
        if (one) topics.remove(topic);
        else patterns.remove(filter);
    }

    /** There is something new. From any thread. */
    private void wake() {
        if (woken.compareAndSet(false, true)) hub.wake(this);
    }

    /** Gives everybody what is new. */
    void deliver() {
        woken.set(false);
        Page page;
        do {
            page = log.read(everything, position, BATCH_MESSAGES, BATCH_BYTES);
            position = page.next();
            if (page.gap() == null) deliver(page);
            else catchUp();
        } while (page.more() && !isEmpty());
    }

    /** What is forgotten by now each looks for itself: some have read it already. */
    private void catchUp() {
        for (Group group : List.copyOf(topics.values())) group.catchUp();
        for (Group group : List.copyOf(patterns.values())) group.catchUp();
    }

    private void deliver(Page page) {
        Cursor next = new Cursor(log.epoch(), page.next());
        List<TopicMessage> messages = page.messages();
        if (messages.size() == 1) {
            Group group = topics.get(messages.getFirst().topic());
            if (group != null) group.deliver(new Delivery(null, messages, false, next), hub);
        } else if (!topics.isEmpty()) {
            Map<String, List<TopicMessage>> byTopic = new HashMap<>();
            for (TopicMessage message : messages) {
                byTopic.computeIfAbsent(message.topic(), _ -> new ArrayList<>()).add(message);
            }
            byTopic.forEach(
                    (topic, its) -> {
                        Group group = topics.get(topic);
                        if (group != null) group.deliver(new Delivery(null, its, false, next), hub);
                    });
        }
        if (patterns.isEmpty()) return;
        for (Group group : List.copyOf(patterns.values())) {
            List<TopicMessage> its =
                    messages.stream()
                            .filter(message -> group.filter().reads(message.topic()))
                            .toList();
            if (!its.isEmpty()) group.deliver(new Delivery(null, its, true, next), hub);
        }
    }
}
