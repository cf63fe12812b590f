package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.TopicPlace;
import dev.peerline.fallback.link.wire.TopicSubscription;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The topics that one seat's session reads. They belong to the reading: each way down lists them.
 * What is kept here is only what was subscribed to since the last listing. Not thread-safe.
 */
final class Subscriptions {
    /** A session's, at one time. */
    static final int MAX_SUBSCRIPTIONS = 64;

    /** Their names together: each poll lists them in a header. */
    static final int MAX_NAME_BYTES = 2 * 1024;

    private final @Nullable Topics topics;

    /** Those that the client may not have listed yet, by number; from where they read. */
    private final TreeMap<Long, Unlisted> unlisted = new TreeMap<>();

    /**
     * @param given whether its client named the cursor
     */
    private record Unlisted(TopicPattern pattern, Cursor after, boolean given) {}

    /**
     * @param topics null where sessions carry none
     */
    Subscriptions(@Nullable Topics topics) {
        this.topics = topics;
    }

    /** The session begins anew: its client subscribes anew. */
    void forget() {
        unlisted.clear();
    }

    boolean hasUnlisted() {
        return !unlisted.isEmpty();
    }

    /** A carrier goes on with what was subscribed to over the last one. */
    void carryOver(Attachment to) {
        for (Map.Entry<Long, Unlisted> each : unlisted.entrySet()) {
            Unlisted its = each.getValue();
            TopicPlace place = TopicPlace.after(its.after);
            read(
                    to,
                    to.sender().rights(),
                    new Wanted(each.getKey(), its.pattern, place, its.given));
        }
    }

    /** Takes the list of a way down. */
    void list(Attachment reading, TopicListing listing) {
        unlisted.headMap(listing.highest(), true).clear();
        Set<Long> listed = new HashSet<>();
        for (TopicSubscription each : listing.subscriptions()) {
            listed.add(each.number());
            subscribe(Asked.of(reading), each, false);
        }
        DownReader reader = reading.reader();
        for (long number : reader.topics().keySet()) {
            if (number <= listing.highest() && !listed.contains(number)) {
                reader.unsubscribe(number);
            }
        }
    }

    /**
     * Takes a new one; what the present carrier reads already goes on.
     *
     * @param rights of whoever said it: perhaps in a request beside the present carrier, which has
     *     said nothing about topics yet
     */
    void subscribe(Seat seat, TopicSubscription subscription, TopicRights rights) {
        DownReader reader = seat.reader();
        if (unlisted.containsKey(subscription.number())) return;
        if (reader != null && reader.reads(subscription.number())) return;
        subscribe(new Asked(seat.attachment, reader, rights), subscription, true);
    }

    void unsubscribe(Seat seat, long number) {
        unlisted.remove(number);
        DownReader reader = seat.reader();
        if (reader != null) reader.unsubscribe(number);
    }

    /** A token was shown: what it does not allow is read no more. */
    void judgeAgain(Attachment reading) {
        TopicRights rights = reading.sender().rights();
        Map<Long, TopicFilter> present = reading.reader().topics();
        for (Map.Entry<Long, TopicFilter> each : present.entrySet()) {
            TopicPattern pattern = each.getValue().pattern();
            if (new TopicFilter(pattern, rights.subscribe()).isOpen()) continue;
            unlisted.remove(each.getKey());
            refuse(reading.reader(), each.getKey(), forbidden());
        }
        reading.reader()
                .refilter(
                        number -> {
                            TopicFilter before = present.get(number);
                            if (before == null) return null;
                            return new TopicFilter(before.pattern(), rights.subscribe());
                        });
    }

    /** What is to read, if anything is, and what may be read. */
    private record Asked(
            @Nullable Attachment reading, @Nullable DownReader reader, TopicRights rights) {
        static Asked of(Attachment reading) {
            return new Asked(reading, reading.reader(), reading.sender().rights());
        }
    }

    /**
     * What is to be read.
     *
     * @param given whether its client named the cursor
     */
    private record Wanted(long number, TopicPattern pattern, TopicPlace at, boolean given) {}

    private void subscribe(Asked by, TopicSubscription subscription, boolean isNew) {
        Attachment reading = by.reading;
        DownReader reader = by.reader;
        long number = subscription.number();
        TopicPattern pattern = TopicPattern.parse(subscription.pattern());
        TopicFault fault = pattern == null ? badTopic() : null;
        if (fault == null && topics == null) fault = unsupported();
        if (fault == null && reader != null) fault = full(reader, subscription);
        if (pattern == null || fault != null) {
            if (reader != null && fault != null) refuse(reader, number, fault);
            return;
        }
        if (reading != null) {
            boolean given = subscription.place().cursor() != null;
            Wanted wanted = new Wanted(number, pattern, subscription.place(), given);
            Cursor after = read(reading, by.rights, wanted);
            if (isNew && after != null) unlisted.put(number, new Unlisted(pattern, after, given));
        } else if (isNew && unlisted.size() < MAX_SUBSCRIPTIONS) {
            Cursor given = subscription.place().cursor();
            TopicFilter all = TopicFilter.all(pattern);
            Cursor after =
                    given == null ? place(pattern, subscription.place(), all).cursor() : given;
            unlisted.put(number, new Unlisted(pattern, after, given != null));
        }
    }

    /** Returns where it begins; null when it is refused. */
    private @Nullable Cursor read(Attachment reading, TopicRights rights, Wanted wanted) {
        TopicPattern pattern = wanted.pattern;
        TopicFilter filter = new TopicFilter(pattern, rights.subscribe());
        if (!filter.isOpen()) {
            refuse(reading.reader(), wanted.number, forbidden());
            return null;
        }
        TopicReader place = place(pattern, wanted.at, filter);
        Cursor cursor = wanted.at.cursor();
        reading.reader()
                .subscribe(
                        wanted.number,
                        log(pattern),
                        place,
                        wanted.given ? cursor : null,
                        reading.carrier()::wakeSoon);
        return cursor == null ? place.cursor() : cursor;
    }

    private TopicReader place(TopicPattern pattern, TopicPlace at, TopicFilter filter) {
        Cursor cursor = at.cursor();
        if (cursor != null) return TopicReader.after(log(pattern), filter, cursor);
        return at.fromOldest()
                ? TopicReader.oldest(log(pattern), filter)
                : TopicReader.now(log(pattern), filter);
    }

    private TopicLog log(TopicPattern pattern) {
        if (topics == null) throw new AssertionError("subscribed where there are no topics");
        return topics.log(pattern.firstSegment());
    }

    private static @Nullable TopicFault full(DownReader reader, TopicSubscription next) {
        Map<Long, TopicFilter> present = reader.topics();
        if (present.containsKey(next.number())) return null;
        int names = next.pattern().length();
        for (TopicFilter each : present.values()) names += each.pattern().text().length();
        if (present.size() < MAX_SUBSCRIPTIONS && names <= MAX_NAME_BYTES) return null;
        return new TopicFault(
                "TOO_MANY_SUBSCRIPTIONS",
                "A session reads %d topics, with names of %d bytes together, at most."
                        .formatted(MAX_SUBSCRIPTIONS, MAX_NAME_BYTES),
                false,
                0);
    }

    private static void refuse(DownReader reader, long number, TopicFault fault) {
        reader.refuse(new TopicDown.Ended(number, fault));
    }

    private static TopicFault badTopic() {
        return new TopicFault(
                "BAD_TOPIC", "A topic is news.sport, a pattern news.* or news.>", false, 0);
    }

    private static TopicFault unsupported() {
        return new TopicFault(
                "UNSUPPORTED", "The sessions of this server carry no topics.", false, 0);
    }

    private static TopicFault forbidden() {
        return new TopicFault(
                "FORBIDDEN_SCOPE", "The token does not allow reading this.", false, 0);
    }
}
