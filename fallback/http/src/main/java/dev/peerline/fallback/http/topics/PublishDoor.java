package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.PacketBody;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Publication;
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
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@code POST /v1/topics/…}: answers with the id once the message is in the log. Thread-safe. */
final class PublishDoor {
    private static final System.Logger LOGGER = System.getLogger(PublishDoor.class.getName());

    private static final AttachmentKey<TopicPattern> TOPIC =
            AttachmentKey.create(TopicPattern.class);

    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final int MAX_KEY_LENGTH = 255;
    private static final int MAX_TYPE_LENGTH = 255;

    /** RFC 9110 §8.3: what has no type is this. */
    private static final String UNTYPED = "application/octet-stream";

    /** A disk that takes longer is broken, or full. */
    private static final int STORAGE_SECONDS = 10;

    private static final int RETRY_MILLIS = 1_000;

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
        if (!topic.isTopic()) {
            return TopicRefusal.of(
                    TopicError.BAD_TOPIC, "Messages are published to one topic, not to a pattern.");
        }
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
        if (exchange.getRequestContentLength() > handler.limits().maxMessageBytes()) {
            return tooLarge();
        }
        String key = headers.getFirst(IDEMPOTENCY_KEY);
        if (key != null && !key.matches("[!-~]{1," + MAX_KEY_LENGTH + "}")) {
            return TopicRefusal.of(
                    TopicError.BAD_REQUEST,
                    "Idempotency-Key has 1 to %d visible ASCII characters."
                            .formatted(MAX_KEY_LENGTH));
        }
        String type = headers.getFirst(Headers.CONTENT_TYPE);
        if (type != null && type.length() > MAX_TYPE_LENGTH) {
            return TopicRefusal.of(
                    TopicError.BAD_REQUEST,
                    "Content-Type has at most %d characters.".formatted(MAX_TYPE_LENGTH));
        }
        return null;
    }

    private TopicRefusal tooLarge() {
        return TopicRefusal.of(
                TopicError.MESSAGE_TOO_LARGE,
                "A message has at most %d bytes.".formatted(handler.limits().maxMessageBytes()));
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
                                handler.refuse(exchange, PublishDoor.this.tooLarge());
                            }

                            @Override
                            public void failed() {
                                IoUtils.safeClose(exchange.getConnection());
                                exchange.endExchange();
                            }
                        })
                .read();
    }

    /** A fault of ours ends this request and no other. */
    private void publish(HttpServerExchange exchange, Bytes body) {
        try {
            HeaderMap headers = exchange.getRequestHeaders();
            String type = headers.getFirst(Headers.CONTENT_TYPE);
            Publication publication =
                    new Publication(
                            exchange.getAttachment(TOPIC),
                            type == null || type.isBlank() ? UNTYPED : type,
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
        if (outcome != Topics.Outcome.TAKEN) {
            handler.refuse(exchange, refusal(outcome));
            return;
        }
        handler.metrics().published(publication.body().length());
        answer.send();
    }

    private TopicRefusal refusal(Topics.Outcome outcome) {
        return switch (outcome) {
            case TAKEN -> throw new AssertionError("taken, and refused");
            case TOO_MANY_TOPICS ->
                    TopicRefusal.of(
                            TopicError.TOO_MANY_TOPICS,
                            "This server has all the topics that it may have.");
            case TOO_MANY_KEYS ->
                    TopicRefusal.of(
                                    TopicError.TOO_MANY_KEYS,
                                    "Too many idempotency keys within ten minutes.")
                            .withRetryAfterMillis(TimeUnit.MINUTES.toMillis(1));
            case STORAGE -> storage();
        };
    }

    private TopicRefusal storage() {
        String trouble = handler.topics().trouble();
        return TopicRefusal.of(
                        TopicError.STORAGE,
                        Objects.requireNonNullElse(trouble, "The disk takes too long."))
                .withRetryAfterMillis(RETRY_MILLIS);
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
                            .executeAfter(this::giveUp, STORAGE_SECONDS, TimeUnit.SECONDS);
            exchange.addExchangeCompleteListener(
                    (_, following) -> {
                        timeout.remove();
                        following.proceed();
                    });
        }

        private void giveUp() {
            if (answered) return;
            answered = true;
            handler.refuse(exchange, storage());
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
