package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Cursor;

/** One long poll: its answer is what comes first, or nothing when the time is over. */
final class PollReader extends WaitingReader {
    private final int limit;

    /** Since when its answer is on its way; once that has left, the reader is gone. */
    private long writingSinceMillis;

    PollReader(Hub hub, Subscription asked, PollClient client, TopicReader place) {
        super(hub, asked, client, place);
        limit = asked.limit();
    }

    @Override
    boolean isBusy() {
        return isOver();
    }

    @Override
    int maxMessages() {
        return limit;
    }

    @Override
    void write(Delivery delivery) {
        over();
        writingSinceMillis = hub().writingMillis();
        client().answer(delivery);
    }

    @Override
    Cursor at() {
        return place().cursor();
    }

    @Override
    long writingSinceMillis() {
        return writingSinceMillis;
    }
}
