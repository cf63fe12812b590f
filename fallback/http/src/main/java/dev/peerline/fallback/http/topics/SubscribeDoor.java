package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.topics.Subscription.Parsed;
import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;

import java.util.concurrent.atomic.AtomicBoolean;

/** {@code GET /v1/topics/…}: reads a request, and makes the reader that it asks for. */
final class SubscribeDoor {
    /** An answer to a poll takes no further message from here on. */
    private static final long PAGE_BYTES = 512 * 1024;

    private static final HttpString WEBSOCKET_ACCEPT =
            HttpString.tryFromString("Sec-WebSocket-Accept");
    private static final String WEBSOCKET_VERSION = "13";

    private final TopicHandler handler;

    SubscribeDoor(TopicHandler handler) {
        this.handler = handler;
    }

    void handle(HttpServerExchange exchange, TopicPattern pattern) {
        switch (handler.access().read(exchange, pattern)) {
            case TopicAccess.Refused(TopicRefusal refusal) -> handler.refuse(exchange, refusal);
            case TopicAccess.Granted granted -> handle(exchange, pattern, granted);
        }
    }

    private void handle(
            HttpServerExchange exchange, TopicPattern pattern, TopicAccess.Granted granted) {
        switch (Subscription.parse(exchange, pattern, granted)) {
            case Parsed.Bad(TopicRefusal refusal) -> handler.refuse(exchange, refusal);
            case Parsed.Good(Subscription asked) -> {
                if (handler.isDraining()) handler.refuse(exchange, TopicHandler.goingAway());
                else if (TopicHandler.isUpgrade(exchange)) upgrade(exchange, asked);
                else if (asked.stream()) stream(exchange, asked);
                else poll(exchange, asked);
            }
        }
    }

    private void poll(HttpServerExchange exchange, Subscription asked) {
        boolean pushes = asked.pushes() > 0 && asked.waitMillis() > 0;
        if (pushes && exchange.getConnection().isPushSupported()) {
            push(exchange, asked);
            return;
        }
        poll(new ExchangeClient(handler, exchange, asked), asked, handler.hub(exchange));
    }

    /** Answers a poll, or has it wait. */
    void poll(PollClient client, Subscription asked, Hub hub) {
        TopicReader place = asked.open(handler.topics());
        Page page = place.next(asked.limit(), PAGE_BYTES);
        boolean named = !asked.pattern().isTopic();
        Delivery delivery = new Delivery(page.gap(), page.messages(), named, place.cursor());
        if (delivery.isEmpty() && asked.waitMillis() > 0) {
            TopicRefusal full = handler.opens(asked, CarrierKind.LONG_POLL);
            if (full != null) client.refuse(full);
            else client.proceed(new PollReader(hub, asked, client, place)::open);
            return;
        }
        CarrierKind kind = asked.waitMillis() > 0 ? CarrierKind.LONG_POLL : CarrierKind.POLL;
        handler.metrics().opened(kind);
        handler.metrics().closed(kind);
        handler.metrics().delivered(kind, delivery.size());
        if (delivery.hasGap()) handler.metrics().gap();
        client.proceed(() -> client.answer(delivery));
    }

    private void push(HttpServerExchange exchange, Subscription asked) {
        if (!handler.opens(exchange, asked, CarrierKind.LONG_POLL)) return;
        TopicReader place = asked.open(handler.topics());
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> new PushedReader(handler.hub(exchange), asked, exchange, place).open());
    }

    private void stream(HttpServerExchange exchange, Subscription asked) {
        if (!handler.opens(exchange, asked, CarrierKind.SSE)) return;
        TopicReader place = asked.open(handler.topics());
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> new SseReader(handler.hub(exchange), asked, exchange, place).open());
    }

    /** RFC 6455 §4.2. */
    private void upgrade(HttpServerExchange exchange, Subscription asked) {
        HeaderMap headers = exchange.getRequestHeaders();
        String key = headers.getFirst(Headers.SEC_WEB_SOCKET_KEY);
        boolean version =
                WEBSOCKET_VERSION.equals(headers.getFirst(Headers.SEC_WEB_SOCKET_VERSION));
        if (key == null || !WebSocketFrames.isKey(key) || !version) {
            handler.refuse(
                    exchange,
                    TopicRefusal.of(
                            TopicError.BAD_REQUEST,
                            "This is no handshake of WebSocket version 13."));
            return;
        }
        if (!handler.opens(exchange, asked, CarrierKind.WEBSOCKET)) return;
        TopicReader place = asked.open(handler.topics());
        Hub hub = handler.hub(exchange);
        exchange.setStatusCode(StatusCodes.SWITCHING_PROTOCOLS);
        exchange.getResponseHeaders()
                .put(Headers.UPGRADE, "websocket")
                .put(WEBSOCKET_ACCEPT, WebSocketFrames.accept(key));
        AtomicBoolean begun = new AtomicBoolean();
        exchange.getConnection()
                .addCloseListener(
                        _ -> {
                            // It was cut off before it was upgraded: nobody else counts it out.
                            if (begun.compareAndSet(false, true)) handler.neverOpened(asked);
                        });
        exchange.upgradeChannel(
                (connection, _) -> {
                    if (!begun.compareAndSet(false, true)) return;
                    hub.run(() -> new WebSocketReader(hub, asked, connection, place).open());
                });
        exchange.endExchange();
    }
}
