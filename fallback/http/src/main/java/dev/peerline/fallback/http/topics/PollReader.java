package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.ClientWatch;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.nio.ByteBuffer;
import java.util.List;

/** One long poll: its answer is what comes first, or nothing when the time is over. */
final class PollReader extends Reader {
    private final HttpServerExchange exchange;
    private final long waitMillis;
    private final int limit;

    PollReader(Hub hub, Subscription asked, HttpServerExchange exchange, TopicReader place) {
        super(hub, place, asked.untilMillis(hub.nowMillis()), asked.granted().limitsKey());
        this.exchange = exchange;
        waitMillis = asked.waitMillis();
        limit = asked.limit();
    }

    /** Answers a poll. */
    static void answer(HttpServerExchange exchange, ByteBuffer page) {
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, "application/json")
                .put(Headers.CACHE_CONTROL, "no-store");
        exchange.setResponseContentLength(page.remaining());
        exchange.getResponseSender().send(page, IoCallback.END_EXCHANGE);
    }

    /** Waits, once the handler has returned. */
    void open() {
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    closed();
                    following.proceed();
                });
        ClientWatch.begin(exchange, this::abort);
        begin();
    }

    @Override
    CarrierKind kind() {
        return CarrierKind.LONG_POLL;
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
        answer(exchange, delivery.page());
    }

    /** There is nothing new; what is wrong the next poll is told. */
    @Override
    void end(@Nullable TopicRefusal why) {
        answer(exchange, new Delivery(null, List.of(), false, place().cursor()).page());
    }

    @Override
    void cut() {
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }

    @Override
    void check(long nowMillis) {
        if (isOver()) return;
        if (nowMillis - openedMillis() >= waitMillis) {
            over();
            end(null);
        } else if (ClientWatch.isGone(exchange)) {
            abort();
        }
    }

    @Override
    long writingSinceMillis() {
        return 0;
    }
}
