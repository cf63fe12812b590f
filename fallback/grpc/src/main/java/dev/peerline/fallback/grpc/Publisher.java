package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Puts messages into logs. Thread-safe; it does not block. */
final class Publisher {
    private static final System.Logger LOGGER = System.getLogger(Publisher.class.getName());
    private static final int MAX_LENGTH = 255;
    private static final Pattern VISIBLE = Pattern.compile("[ -~]{0," + MAX_LENGTH + "}");
    private static final Pattern KEY = Pattern.compile("[!-~]{0," + MAX_LENGTH + "}");

    /** RFC 9110 §8.3: what has no type is this. */
    private static final String UNTYPED = "application/octet-stream";

    /** A disk that takes longer is broken, or full. */
    private static final long STORAGE_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private static final int RETRY_MILLIS = 1_000;

    private final Topics topics;
    private final PushAccess access;
    private final PushLimits limits;
    private final PushMetrics metrics;
    private final BooleanSupplier draining;

    Publisher(
            Topics topics,
            PushAccess access,
            PushLimits limits,
            PushMetrics metrics,
            BooleanSupplier draining) {
        this.topics = topics;
        this.access = access;
        this.limits = limits;
        this.metrics = metrics;
        this.draining = draining;
    }

    /** What came of publishing. */
    sealed interface Outcome {
        /** It is in the log, under this id. */
        record Kept(String id) implements Outcome {}

        /** Why it is not, or may not be. */
        record Refused(PushRefusal refusal) implements Outcome {}
    }

    static PushRefusal goingAway() {
        return PushRefusal.of(PushError.GOING_AWAY, "This server is going down.")
                .withRetryAfterMillis(RETRY_MILLIS);
    }

    /**
     * Publishes.
     *
     * @param hub where the answer is given when it has to be waited for
     * @param answer is given the outcome once: at once, or on the hub's thread
     */
    void publish(PushCaller caller, PublishRequest request, Hub hub, Consumer<Outcome> answer) {
        TopicPattern topic = TopicPattern.parse(request.getTopic());
        PushRefusal refusal = judge(caller, topic, request);
        if (refusal != null || topic == null) {
            answer.accept(new Outcome.Refused(refusal == null ? noTopic() : refusal));
            return;
        }
        String key = request.getIdempotencyKey();
        Publication publication =
                new Publication(
                        topic,
                        request.getType().isBlank() ? UNTYPED : request.getType(),
                        Bytes.of(request.getData().toByteArray()),
                        key.isEmpty() ? null : key);
        try {
            publish(publication, hub, answer);
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=publish-failed", fault);
            answer.accept(new Outcome.Refused(PushRefusal.internal()));
        }
    }

    private @Nullable PushRefusal judge(
            PushCaller caller, @Nullable TopicPattern topic, PublishRequest request) {
        if (topic == null || !topic.isTopic()) return noTopic();
        if (access.publish(caller, topic) instanceof PushAccess.Refused(PushRefusal refused)) {
            return refused;
        }
        if (draining.getAsBoolean()) return goingAway();
        if (request.getData().size() > limits.maxMessageBytes()) {
            return PushRefusal.of(
                    PushError.MESSAGE_TOO_LARGE,
                    "A message has at most %d bytes.".formatted(limits.maxMessageBytes()));
        }
        if (!KEY.matcher(request.getIdempotencyKey()).matches()) {
            return PushRefusal.of(
                    PushError.BAD_REQUEST,
                    "idempotency_key has up to %d visible ASCII characters.".formatted(MAX_LENGTH));
        }
        if (!VISIBLE.matcher(request.getType()).matches()) {
            return PushRefusal.of(
                    PushError.BAD_REQUEST,
                    "type has up to %d visible ASCII characters.".formatted(MAX_LENGTH));
        }
        return null;
    }

    private static PushRefusal noTopic() {
        return PushRefusal.of(
                PushError.BAD_TOPIC, "Messages are published to one topic, such as news.sport.");
    }

    private void publish(Publication publication, Hub hub, Consumer<Outcome> answer) {
        Answer once = new Answer(hub, answer);
        Topics.Outcome outcome = topics.publish(publication, System.currentTimeMillis(), once);
        switch (outcome) {
            case TAKEN -> {
                metrics.published(publication.body().length());
                once.settle(this::storage);
            }
            case TOO_MANY_TOPICS ->
                    once.refuse(
                            PushRefusal.of(
                                    PushError.TOO_MANY_TOPICS,
                                    "This server has all the topics that it may have."));
            case TOO_MANY_KEYS ->
                    once.refuse(
                            PushRefusal.of(
                                            PushError.TOO_MANY_KEYS,
                                            "Too many idempotency keys within ten minutes.")
                                    .withRetryAfterMillis(TimeUnit.MINUTES.toMillis(1)));
            case STORAGE -> once.refuse(storage());
        }
    }

    private PushRefusal storage() {
        return PushRefusal.of(
                        PushError.STORAGE,
                        Objects.requireNonNullElse(topics.trouble(), "The disk takes too long."))
                .withRetryAfterMillis(RETRY_MILLIS);
    }

    /** The answer to one request: at once, or when the message is kept, on the hub. */
    private static final class Answer implements Consumer<Cursor> {
        private final Hub hub;
        private final Consumer<Outcome> answer;
        private final AtomicBoolean answered = new AtomicBoolean();
        private @Nullable Cursor id;
        private boolean waits;

        private Answer(Hub hub, Consumer<Outcome> answer) {
            this.hub = hub;
            this.answer = answer;
        }

        @Override
        public void accept(Cursor kept) {
            synchronized (this) {
                id = kept;
                if (!waits) return;
            }
            hub.run(() -> give(new Outcome.Kept(CursorText.of(kept))));
        }

        /** It is taken. */
        void settle(Supplier<PushRefusal> late) {
            Cursor kept;
            synchronized (this) {
                kept = id;
                waits = kept == null;
            }
            if (kept != null) give(new Outcome.Kept(CursorText.of(kept)));
            else hub.after(STORAGE_MILLIS, () -> refuse(late.get()));
        }

        void refuse(PushRefusal refusal) {
            give(new Outcome.Refused(refusal));
        }

        private void give(Outcome outcome) {
            if (answered.compareAndSet(false, true)) answer.accept(outcome);
        }
    }
}
