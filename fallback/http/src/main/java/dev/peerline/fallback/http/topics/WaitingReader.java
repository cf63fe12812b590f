package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.ClientWatch;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.nio.ByteBuffer;
import java.util.List;

/** A reader whose request is answered once, at the latest when its time is over. */
abstract class WaitingReader extends Reader {
    static final String CONTENT_TYPE = "application/json";
    static final String CACHE_CONTROL = "no-store";

    private final HttpServerExchange exchange;
    private final long waitMillis;

    WaitingReader(Hub hub, Subscription asked, HttpServerExchange exchange, TopicReader place) {
        super(hub, place, asked.untilMillis(hub.nowMillis()), asked.granted().limitsKey());
        this.exchange = exchange;
        waitMillis = asked.waitMillis();
    }

    /** Answers a poll, once the handler has returned. */
    static void answer(HttpServerExchange exchange, Delivery delivery) {
        if (SharedAnswer.isFor(exchange)) {
            new WholeAnswer(exchange, delivery.answer(exchange)).write();
            return;
        }
        ByteBuffer page = delivery.page();
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, CONTENT_TYPE)
                .put(Headers.CACHE_CONTROL, CACHE_CONTROL);
        exchange.setResponseContentLength(page.remaining());
        exchange.getResponseSender().send(page, IoCallback.END_EXCHANGE);
    }

    /** Waits, once the handler has returned. */
    final void open() {
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    closed();
                    following.proceed();
                });
        ClientWatch.begin(exchange, this::abort);
        begin();
    }

    final HttpServerExchange exchange() {
        return exchange;
    }

    /** Up to where its client has everything. */
    abstract Cursor at();

    @Override
    final CarrierKind kind() {
        return CarrierKind.LONG_POLL;
    }

    /** There is nothing more; what is wrong the next poll is told. */
    @Override
    final void end(@Nullable TopicRefusal why) {
        answer(exchange, new Delivery(null, List.of(), false, at()));
    }

    /** Its time is over. */
    final void conclude() {
        over();
        end(null);
    }

    @Override
    final void cut() {
        IoUtils.safeClose(exchange.getConnection());
        exchange.endExchange();
    }

    @Override
    final void check(long nowMillis) {
        if (isOver()) return;
        if (nowMillis - openedMillis() >= waitMillis) conclude();
        else if (ClientWatch.isGone(exchange)) abort();
    }
}
