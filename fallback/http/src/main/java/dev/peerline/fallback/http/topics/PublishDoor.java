package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.Exchanges;
import dev.peerline.fallback.http.PacketBody;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.PublishRules;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@code POST /v1/topics/…}: answers with the id once the message is in the log. Thread-safe. */
final class PublishDoor {
    private static final System.Logger LOGGER = System.getLogger(PublishDoor.class.getName());

    private static final AttachmentKey<TopicPattern> TOPIC =
            AttachmentKey.create(TopicPattern.class);

    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private final TopicHandler handler;
    private final HttpContinueReadHandler reading = new HttpContinueReadHandler(this::read);

    PublishDoor(TopicHandler handler) {
        this.handler = handler;
    }

    void handle(HttpServerExchange exchange, TopicPattern topic) throws Exception {
        TopicRefusal refusal = judge(exchange, topic);
        if (refusal != null) {
            handler.refuse(exchange, refusal);
            return;
        }
        exchange.putAttachment(TOPIC, topic);
        reading.handleRequest(exchange);
    }

    private @Nullable TopicRefusal judge(HttpServerExchange exchange, TopicPattern topic) {
        PublishRules.Refused wrong = PublishRules.judge(topic);
        if (wrong != null) return TopicRefusal.of(wrong);
        if (handler.access().publish(exchange, topic)
                instanceof TopicAccess.Refused(TopicRefusal refused)) {
            return refused;
        }
        if (handler.isDraining()) return TopicHandler.goingAway();
        HeaderMap headers = exchange.getRequestHeaders();
        if (headers.contains(Headers.CONTENT_ENCODING)) {
            return TopicRefusal.of(
                    TopicError.UNSUPPORTED_ENCODING, "Messages are not to be compressed.");
        }
        wrong =
                PublishRules.judge(
                        headers.getFirst(Headers.CONTENT_TYPE),
                        headers.getFirst(IDEMPOTENCY_KEY),
                        exchange.getRequestContentLength(),
                        handler.limits().maxMessageBytes());
        return wrong == null ? null : TopicRefusal.of(wrong);
    }

    private void read(HttpServerExchange exchange) {
        new PacketBody(
                        exchange.getRequestChannel(),
                        handler.limits().maxMessageBytes(),
                        new PacketBody.Receiver() {
                            @Override
                            public void whole(Bytes body) {
                                publish(exchange, body);
                            }

                            @Override
                            public void tooLarge() {
                                int most = handler.limits().maxMessageBytes();
                                handler.refuse(
                                        exchange, TopicRefusal.of(PublishRules.tooLarge(most)));
                            }

                            @Override
                            public void failed() {
                                Exchanges.cut(exchange);
                            }
                        })
                .read();
    }

    /** A fault of ours ends this request and no other. */
    private void publish(HttpServerExchange exchange, Bytes body) {
        try {
            HeaderMap headers = exchange.getRequestHeaders();
            Publication publication =
                    PublishRules.publication(
                            exchange.getAttachment(TOPIC),
                            headers.getFirst(Headers.CONTENT_TYPE),
                            body,
                            headers.getFirst(IDEMPOTENCY_KEY));
            publish(exchange, publication);
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=publish-failed", fault);
            handler.refuse(
                    exchange,
                    TopicRefusal.of(TopicError.INTERNAL, "The server failed at this message."));
        }
    }

    private void publish(HttpServerExchange exchange, Publication publication) {
        Answer answer = new Answer(exchange);
        Topics.Outcome outcome =
                handler.topics().publish(publication, System.currentTimeMillis(), answer);
        PublishRules.Refused refused = PublishRules.refusal(outcome, handler.topics());
        if (refused != null) {
            handler.refuse(exchange, TopicRefusal.of(refused));
            return;
        }
        handler.metrics().published(publication.body().length());
        answer.send();
    }

    /** The answer to one request: now, or when the message is kept. */
    private final class Answer implements Consumer<Cursor> {
        private final HttpServerExchange exchange;
        private @Nullable Cursor id;
        private boolean waits;

        /** Only the I/O thread's. */
        private boolean answered;

        Answer(HttpServerExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void accept(Cursor kept) {
            synchronized (this) {
                id = kept;
                if (!waits) return;
            }
            try {
                exchange.getIoThread().execute(() -> answer(kept));
            } catch (RejectedExecutionException _) {
                // The server is closed, and every connection with it.
            }
        }

        /** Answers, or waits; the message is taken. */
        void send() {
            Cursor kept;
            synchronized (this) {
                kept = id;
            }
            if (kept != null) answer(kept);
            else exchange.dispatch(SameThreadExecutor.INSTANCE, this::await);
        }

        private void await() {
            Cursor kept;
            synchronized (this) {
                kept = id;
                waits = true;
            }
            if (kept != null) {
                answer(kept);
                return;
            }
            XnioExecutor.Key timeout =
                    exchange.getIoThread()
                            .executeAfter(
                                    this::giveUp,
                                    PublishRules.STORAGE_MILLIS,
                                    TimeUnit.MILLISECONDS);
            exchange.addExchangeCompleteListener(
                    (_, following) -> {
                        timeout.remove();
                        following.proceed();
                    });
        }

        private void giveUp() {
            if (answered) return;
            answered = true;
            handler.refuse(exchange, TopicRefusal.of(PublishRules.storage(handler.topics())));
        }

        private void answer(Cursor kept) {
            if (answered) return;
            answered = true;
            exchange.setStatusCode(StatusCodes.CREATED);
            exchange.getResponseHeaders()
                    .put(Headers.CONTENT_TYPE, "application/json")
                    .put(Headers.CACHE_CONTROL, "no-store");
            exchange.getResponseSender().send("{\"id\":\"" + CursorText.of(kept) + "\"}");
        }
    }
}
