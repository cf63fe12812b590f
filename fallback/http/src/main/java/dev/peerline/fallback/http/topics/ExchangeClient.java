package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.ClientWatch;
import dev.peerline.fallback.http.Exchanges;

import io.undertow.io.IoCallback;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/** A client whose request Undertow has read. */
final class ExchangeClient implements PollClient {
    private final TopicHandler handler;
    private final HttpServerExchange exchange;

    /** What it asks for, where it may ask for more of it in the same words. */
    private final @Nullable Subscription asked;

    private final byte @Nullable [] request;

    /** One who asks for something else next, if anything. */
    ExchangeClient(TopicHandler handler, HttpServerExchange exchange) {
        this(handler, exchange, null);
    }

    /**
     * In the call of the handler.
     *
     * @param asked what it asks for
     */
    ExchangeClient(
            TopicHandler handler, HttpServerExchange exchange, @Nullable Subscription asked) {
        this.handler = handler;
        this.exchange = exchange;
        this.asked = asked;
        request = PollingConnection.request(exchange.getConnection());
    }

    @Override
    public void proceed(Runnable task) {
        exchange.dispatch(SameThreadExecutor.INSTANCE, task);
    }

    @Override
    public void refuse(TopicRefusal refusal) {
        handler.refuse(exchange, refusal);
    }

    @Override
    public void answer(Delivery delivery) {
        if (SharedAnswer.isFor(exchange)) {
            Hub hub = handler.hub(exchange);
            HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
            ByteBuffer bytes = delivery.answer(exchange.getResponseHeaders(), hub);
            new WholeAnswer(connection, bytes, () -> answered(hub, connection), this::cut).write();
            return;
        }
        ByteBuffer page = delivery.page();
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, SharedAnswer.CONTENT_TYPE)
                .put(Headers.CACHE_CONTROL, SharedAnswer.CACHE_CONTROL);
        exchange.setResponseContentLength(page.remaining());
        exchange.getResponseSender().send(page, IoCallback.END_EXCHANGE);
    }

    private void answered(Hub hub, HttpServerConnection connection) {
        Connectors.terminateResponse(exchange);
        if (asked == null) return;
        PollingConnection.goOn(
                hub, connection, request, asked, hub.shared(exchange.getResponseHeaders()));
    }

    @Override
    public void await(Runnable gone, Runnable closed) {
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    closed.run();
                    following.proceed();
                });
        ClientWatch.begin(exchange, gone);
    }

    @Override
    public boolean isGone() {
        return ClientWatch.isGone(exchange);
    }

    @Override
    public void cut() {
        Exchanges.cut(exchange);
    }
}
