package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

/**
 * One who reads a topic, on any transport. While nothing is on its way to it, it is given what its
 * group is given; while something is, it is left alone, and then catches up from the log: so a slow
 * one has one write in memory, and no queue. It belongs to its hub's I/O thread.
 */
abstract class Reader {
    /** One write takes no further message from here on. */
    private static final long CATCH_UP_BYTES = 64 * 1024;

    private static final int CATCH_UP_MESSAGES = 256;

    private final Hub hub;
    private final TopicReader place;
    private final @Nullable String limitsKey;

    /** When its stream ends, on the hub's clock. */
    private final long untilMillis;

    private final long openedMillis;

    /** Where it stands in its group; the group's to change. */
    int index = -1;

    /** Where it stands in its hub; -1 for nowhere. The hub's to change. */
    int seat = -1;

    private boolean behind;
    private boolean over;
    private boolean closed;
    private long endAtMillis = Long.MAX_VALUE;

    Reader(Hub hub, TopicReader place, long untilMillis, @Nullable String limitsKey) {
        this.hub = hub;
        this.place = place;
        this.untilMillis = untilMillis;
        this.limitsKey = limitsKey;
        openedMillis = hub.nowMillis();
    }

    abstract CarrierKind kind();

    /** Whether something is on its way. */
    abstract boolean isBusy();

    /** Writes, at once or as fast as its client reads. It is not busy. */
    abstract void write(Delivery delivery);

    /** Tells why it ends, and ends; null when there is nothing to tell. */
    abstract void end(@Nullable TopicRefusal why);

    /** Closes without another word. */
    abstract void cut();

    /** What time alone brings about, apart from what all have in common. */
    abstract void check(long nowMillis);

    /** Since when something is on its way; 0 for nothing. */
    abstract long writingSinceMillis();

    /** How many messages it takes at once. */
    int maxMessages() {
        return CATCH_UP_MESSAGES;
    }

    final Hub hub() {
        return hub;
    }

    final TopicReader place() {
        return place;
    }

    final @Nullable String limitsKey() {
        return limitsKey;
    }

    final long openedMillis() {
        return openedMillis;
    }

    /** Nothing more is given to it. */
    final boolean isOver() {
        return over;
    }

    /** Takes its place, and reads what there is that it has not read yet. */
    final void begin() {
        hub.add(this);
        // It came in while the door was closing.
        if (hub.handler().isDraining()) endAt(openedMillis);
        if (place.isBehind()) catchUp();
    }

    /** Gives it what is new. */
    final void deliver(Delivery delivery) {
        if (isBusy()) {
            behind = true;
        } else if (delivery.last() > place.position()) {
            boolean fits = delivery.first() > place.position() && delivery.size() <= maxMessages();
            if (fits) {
                place.moveTo(delivery.last());
                give(delivery);
            } else {
                catchUp();
            }
        }
    }

    /** Reads on from the log, until it has all or is busy. */
    final void catchUp() {
        behind = false;
        while (!over && !isBusy()) {
            Page page = place.next(maxMessages(), CATCH_UP_BYTES);
            Cursor next = place.cursor();
            boolean named = !place.filter().pattern().isTopic();
            Delivery delivery = new Delivery(page.gap(), page.messages(), named, next);
            if (delivery.isEmpty()) return;
            give(delivery);
        }
        behind = !over;
    }

    private void give(Delivery delivery) {
        hub.handler().metrics().delivered(kind(), delivery.size());
        if (delivery.hasGap()) hub.handler().metrics().gap();
        write(delivery);
    }

    /** What was on its way has left. */
    final void written() {
        if (behind) catchUp();
    }

    /** It is sent away at a time. */
    final void endAt(long millis) {
        endAtMillis = millis;
    }

    /** What time brings about. */
    final void sweep(long nowMillis) {
        long since = writingSinceMillis();
        long patience = hub.handler().limits().writeTimeout().toMillis();
        if (since > 0 && nowMillis - since > patience) {
            abort();
        } else if (!over && nowMillis >= untilMillis) {
            finish(TopicRefusal.of(TopicError.TOKEN_EXPIRED, "The token has expired."));
        } else if (!over && nowMillis >= endAtMillis) {
            finish(TopicHandler.goingAway());
        } else {
            check(nowMillis);
        }
    }

    private void finish(TopicRefusal why) {
        hub.handler().metrics().refused(why.error());
        over();
        end(why);
    }

    /** Nothing more is given to it; what is on its way may leave. */
    final void over() {
        over = true;
        hub.leave(this);
    }

    final void abort() {
        cut();
        closed();
    }

    /** It is gone. */
    final void closed() {
        if (closed) return;
        closed = true;
        over();
        hub.remove(this);
    }
}
