package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.Methods;

/**
 * One long poll of HTTP/2 whose client takes pushes (RFC 9113 §8.4). Until it is over each message
 * is pushed, as the answer to the poll for one message that the client would have made next; its
 * own answer then says where to go on.
 */
final class PushedReader extends WaitingReader {
    /** Pushes that may be under way: what is beyond waits in the log. */
    private static final int MAX_OPEN = 16;

    private final HttpServerExchange exchange;
    private final int limit;

    /** What was pushed last, or where it began. */
    private Cursor at;

    private int pushed;
    private int open;
    private long progressMillis;

    PushedReader(Hub hub, Subscription asked, HttpServerExchange exchange, TopicReader place) {
        super(hub, asked, new ExchangeClient(hub.handler(), exchange), place);
        this.exchange = exchange;
        limit = asked.pushes();
        at = place.cursor();
    }

    @Override
    boolean isBusy() {
        return isOver() || open >= MAX_OPEN;
    }

    @Override
    int maxMessages() {
        return Math.clamp(MAX_OPEN - open, 1, Math.max(1, limit - pushed));
    }

    @Override
    void write(Delivery delivery) {
        for (Delivery one : delivery.apart()) {
            if (push(one)) continue;
            // The client has as many streams as it wants. What it has none for it asks for.
            if (pushed == 0) {
                over();
                client().answer(delivery);
            } else {
                conclude();
            }
            return;
        }
        if (pushed >= limit) conclude();
    }

    private boolean push(Delivery one) {
        // The poll that comes after this one, and has room for one message.
        String pattern = place().filter().pattern().text().replace(">", "%3E");
        String path =
                "%s%s?after=%s&limit=1".formatted(TopicHandler.PREFIX, pattern, CursorText.of(at));
        HeaderMap headers = new HeaderMap();
        headers.put(Headers.HOST, exchange.getHostAndPort());
        open++;
        progressMillis = hub().writingMillis();
        boolean promised =
                exchange.getConnection()
                        .pushResource(path, Methods.GET, headers, promise -> keep(promise, one));
        if (!promised) {
            open--;
            return false;
        }
        at = one.next();
        pushed++;
        return true;
    }

    private void keep(HttpServerExchange promised, Delivery one) {
        promised.addExchangeCompleteListener(
                (_, following) -> {
                    following.proceed();
                    left();
                });
        new ExchangeClient(hub().handler(), promised).answer(one);
    }

    private void left() {
        open--;
        progressMillis = hub().writingMillis();
        written();
    }

    @Override
    Cursor at() {
        return at;
    }

    @Override
    long writingSinceMillis() {
        return open == 0 || isOver() ? 0 : progressMillis;
    }
}
