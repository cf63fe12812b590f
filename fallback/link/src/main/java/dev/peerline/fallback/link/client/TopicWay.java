package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Published;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.TopicPlace;
import dev.peerline.fallback.link.wire.TopicSubscription;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;

/**
 * The topics of a session: where each is read to, and what is published and not answered yet
 * (docs/protocol.md, section 8). Not thread-safe.
 */
public final class TopicWay {
    private static final TopicFault UNSUPPORTED =
            new TopicFault("UNSUPPORTED", "The sessions of this server carry no topics.", false, 0);
    private static final TopicFault IN_DOUBT =
            new TopicFault(
                    "UNREACHABLE",
                    "Nobody knows whether it was published; with a key it could be sent again.",
                    true,
                    0);

    private final UpQueue queue;
    private final Queue<SessionEvent> events;
    private final Map<Long, Subscription> subscriptions = new LinkedHashMap<>();
    private final Map<Long, TopicUp.Publish> unanswered = new LinkedHashMap<>();

    /** Numbers that came though they were given up, and that was said on this carrier. */
    private final Set<Long> disowned = new HashSet<>();

    private long highest;
    private long lastRequest;
    private long waitingBytes;
    private Offer offer = Offer.UNKNOWN;

    /** Whether the server's sessions carry topics. */
    private enum Offer {
        UNKNOWN,
        NONE,
        TOPICS
    }

    private static final class Subscription {
        private final String pattern;
        private final TopicPlace start;
        private @Nullable Cursor cursor;

        Subscription(String pattern, TopicPlace start) {
            this.pattern = pattern;
            this.start = start;
            cursor = start.cursor();
        }

        TopicSubscription at(long number) {
            Cursor read = cursor;
            return new TopicSubscription(
                    number, pattern, read == null ? start : TopicPlace.after(read));
        }
    }

    TopicWay(UpQueue queue, Queue<SessionEvent> events) {
        this.queue = queue;
        this.events = events;
    }

    /**
     * Reads a topic or pattern from now on.
     *
     * @return its number, which events name
     */
    public long subscribe(String pattern, TopicPlace start) {
        long number = ++highest;
        Subscription subscription = new Subscription(pattern, start);
        subscriptions.put(number, subscription);
        if (offer == Offer.TOPICS) send(number, subscription);
        else if (offer == Offer.NONE) end(number, UNSUPPORTED);
        return number;
    }

    public void unsubscribe(long number) {
        if (subscriptions.remove(number) != null && offer == Offer.TOPICS) leave(number);
    }

    /**
     * Publishes.
     *
     * @param type the media type; empty to say none
     * @param key makes a repetition harmless; empty for none
     * @return the number that the answer names
     */
    public long publish(String topic, String type, String key, Bytes body) {
        TopicUp.Publish what = new TopicUp.Publish(++lastRequest, topic, type, key, body);
        if (offer == Offer.NONE) {
            events.add(new SessionEvent.TopicAnswer(what.request(), null, UNSUPPORTED));
            return what.request();
        }
        unanswered.put(what.request(), what);
        waitingBytes += body.length();
        if (offer == Offer.TOPICS) send(what);
        return what.request();
    }

    /** Bytes that were published and not answered yet. */
    public long waitingBytes() {
        return waitingBytes;
    }

    /** Where a subscription was read to; null before that is known, and after its end. */
    public @Nullable Cursor cursor(long number) {
        Subscription subscription = subscriptions.get(number);
        return subscription == null ? null : subscription.cursor;
    }

    /** What a carrier is to read; null where nothing was ever subscribed to. */
    @Nullable TopicListing list(Lane lane) {
        lane.listed = highest;
        if (highest == 0) return null;
        List<TopicSubscription> all = new ArrayList<>(subscriptions.size());
        subscriptions.forEach((number, each) -> all.add(each.at(number)));
        return new TopicListing(highest, all);
    }

    /**
     * A carrier was welcomed.
     *
     * @param topics how many subscriptions the server takes
     * @param anew whether the session began anew: the server knows only what was listed
     * @param doubt whether nobody knows what became of what was sent
     */
    void welcomed(int topics, boolean anew, boolean doubt, Lane lane) {
        boolean first = offer != Offer.TOPICS;
        offer = topics > 0 ? Offer.TOPICS : Offer.NONE;
        disowned.clear();
        if (offer == Offer.NONE) {
            List.copyOf(subscriptions.keySet()).forEach(number -> end(number, UNSUPPORTED));
            List.copyOf(unanswered.values()).forEach(each -> answer(each, null, UNSUPPORTED));
            return;
        }
        if (first || anew) {
            subscriptions.forEach(
                    (number, each) -> {
                        if (number > lane.listed) send(number, each);
                    });
        }
        for (TopicUp.Publish each : List.copyOf(unanswered.values())) {
            if (first || (doubt && !each.key().isEmpty())) send(each);
            else if (doubt) answer(each, null, IN_DOUBT);
        }
    }

    private void send(long number, Subscription subscription) {
        send(new TopicUp.Subscribe(subscription.at(number)));
    }

    private void leave(long number) {
        send(new TopicUp.Unsubscribe(number));
    }

    private void send(TopicUp body) {
        WireWriter size = new WireWriter();
        body.write(size);
        queue.add(List.of(), _ -> body, size.size());
    }

    /** False where something before it did not come: its carrier lost it. */
    boolean take(TopicDown frame) {
        long number = frame.number();
        Subscription subscription = subscriptions.get(number);
        if (subscription == null) {
            // It was under way when this was given up.
            boolean ended = frame instanceof TopicDown.Ended;
            if (!ended && disowned.add(number)) leave(number);
            return true;
        }
        switch (frame) {
            case TopicDown.Subscribed(_, Cursor cursor) -> {
                if (subscription.cursor != null) return true;
                subscription.cursor = cursor;
                events.add(new SessionEvent.TopicBegun(number, cursor));
            }
            case TopicDown.Messages(_, long epoch, long after, List<TopicDown.Item> items) -> {
                if (!follows(subscription, new Cursor(epoch, after))) return false;
                for (TopicDown.Item item : items) take(number, subscription, epoch, item);
            }
            case TopicDown.Missed missed -> {
                if (isOld(subscription, missed.next())) return true;
                if (!follows(subscription, missed.after())) return false;
                subscription.cursor = missed.next();
                events.add(new SessionEvent.TopicMissed(missed));
            }
            case TopicDown.Ended(_, TopicFault fault) -> end(number, fault);
        }
        return true;
    }

    private void take(long number, Subscription subscription, long epoch, TopicDown.Item item) {
        Cursor id = new Cursor(epoch, item.offset());
        if (isOld(subscription, id)) return;
        subscription.cursor = id;
        events.add(new SessionEvent.TopicMessage(number, id, item));
    }

    private static boolean follows(Subscription subscription, Cursor after) {
        Cursor read = subscription.cursor;
        return read != null && read.epoch() == after.epoch() && after.offset() <= read.offset();
    }

    private static boolean isOld(Subscription subscription, Cursor at) {
        Cursor read = subscription.cursor;
        return read != null && read.epoch() == at.epoch() && at.offset() <= read.offset();
    }

    /** Takes an answer out of the mailbox. */
    void take(Published answer) {
        TopicUp.Publish what = unanswered.get(answer.request());
        if (what != null) answer(what, answer.id(), answer.fault());
    }

    private void answer(TopicUp.Publish what, @Nullable Cursor id, @Nullable TopicFault fault) {
        unanswered.remove(what.request());
        waitingBytes -= what.body().length();
        events.add(new SessionEvent.TopicAnswer(what.request(), id, fault));
    }

    private void end(long number, TopicFault fault) {
        Objects.requireNonNull(subscriptions.remove(number), "a subscription");
        events.add(new SessionEvent.TopicEnded(number, fault));
    }
}
