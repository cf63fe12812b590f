package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.server.HttpServerExchange;

/** One long poll: its answer is what comes first, or nothing when the time is over. */
final class PollReader extends WaitingReader {
    private final int limit;

    PollReader(Hub hub, Subscription asked, HttpServerExchange exchange, TopicReader place) {
        super(hub, asked, exchange, place);
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
        answer(exchange(), delivery.page());
    }

    @Override
    Cursor at() {
        return place().cursor();
    }

    @Override
    long writingSinceMillis() {
        return 0;
    }
}
