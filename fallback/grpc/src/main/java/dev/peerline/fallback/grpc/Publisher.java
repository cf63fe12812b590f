package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.PublishRules;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Puts messages into logs. Thread-safe; it does not block. */
final class Publisher {
    private static final System.Logger LOGGER = System.getLogger(Publisher.class.getName());
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
        if (refusal != null) {
            answer.accept(new Outcome.Refused(refusal));
            return;
        }
        Publication publication =
                PublishRules.publication(
                        Objects.requireNonNull(topic),
                        request.getType(),
                        Bytes.of(request.getData().toByteArray()),
                        key(request));
        try {
            publish(publication, hub, answer);
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=publish-failed", fault);
            answer.accept(new Outcome.Refused(PushRefusal.internal()));
        }
    }

    private @Nullable PushRefusal judge(
            PushCaller caller, @Nullable TopicPattern topic, PublishRequest request) {
        PublishRules.Refused wrong = PublishRules.judge(topic);
        if (wrong != null || topic == null) return PushRefusal.of(Objects.requireNonNull(wrong));
        if (access.publish(caller, topic) instanceof PushAccess.Refused(PushRefusal refused)) {
            return refused;
        }
        if (draining.getAsBoolean()) return goingAway();
        wrong =
                PublishRules.judge(
                        request.getType(),
                        key(request),
                        request.getData().size(),
                        limits.maxMessageBytes());
        return wrong == null ? null : PushRefusal.of(wrong);
    }

    private static @Nullable String key(PublishRequest request) {
        return request.getIdempotencyKey().isEmpty() ? null : request.getIdempotencyKey();
    }

    private void publish(Publication publication, Hub hub, Consumer<Outcome> answer) {
        Answer once = new Answer(hub, answer);
        Topics.Outcome outcome = topics.publish(publication, System.currentTimeMillis(), once);
        PublishRules.Refused refused = PublishRules.refusal(outcome, topics);
        if (refused != null) {
            once.refuse(PushRefusal.of(refused));
            return;
        }
        metrics.published(publication.body().length());
        once.settle(() -> PushRefusal.of(PublishRules.storage(topics)));
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
            else hub.after(PublishRules.STORAGE_MILLIS, () -> refuse(late.get()));
        }

        void refuse(PushRefusal refusal) {
            give(new Outcome.Refused(refusal));
        }

        private void give(Outcome outcome) {
            if (answered.compareAndSet(false, true)) answer.accept(outcome);
        }
    }
}
