package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.PublishRules;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Published;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.signaling.rooms.room.Publishing;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.Consumer;

/** Publishes what sessions want published, and makes the answers. Thread-safe; never locked. */
final class Publisher {
    private final @Nullable TopicDoor door;

    Publisher(@Nullable TopicDoor door) {
        this.door = door;
    }

    /**
     * Publishes.
     *
     * @param answered is given the answer: at once, or on a virtual thread when the message is kept
     */
    void publish(Publishing publishing, Consumer<Published> answered) {
        TopicUp.Publish what = publishing.what();
        TopicFault fault = door == null ? unsupported() : judge(door, what, publishing.rights());
        if (door == null || fault != null) {
            answered.accept(new Published(what.request(), null, fault));
            return;
        }
        Publication publication =
                PublishRules.publication(
                        Objects.requireNonNull(TopicPattern.parse(what.topic())),
                        what.type(),
                        what.body().compact(),
                        key(what));
        Thread here = Thread.currentThread();
        Topics.Outcome outcome =
                door.topics()
                        .publish(
                                publication,
                                System.currentTimeMillis(),
                                id ->
                                        answer(
                                                new Published(what.request(), id, null),
                                                here,
                                                answered));
        PublishRules.Refused refused = PublishRules.refusal(outcome, door.topics());
        if (refused == null) door.metrics().published(what.body().length());
        else answered.accept(new Published(what.request(), null, refused(door, refused)));
    }

    private static @Nullable String key(TopicUp.Publish what) {
        return what.key().isEmpty() ? null : what.key();
    }

    /** Whoever keeps messages is not to wait for a room, nor to write to its carriers. */
    private static void answer(Published answer, Thread asked, Consumer<Published> answered) {
        if (Thread.currentThread() == asked) answered.accept(answer);
        else Thread.startVirtualThread(() -> answered.accept(answer));
    }

    private static @Nullable TopicFault judge(
            TopicDoor door, TopicUp.Publish what, TopicRights rights) {
        TopicPattern topic = TopicPattern.parse(what.topic());
        PublishRules.Refused wrong = PublishRules.judge(topic);
        if (wrong != null || topic == null) return refused(door, Objects.requireNonNull(wrong));
        if (!rights.publishes(topic)) {
            door.metrics().refused(TopicError.FORBIDDEN_SCOPE);
            String why = "The token does not allow publishing here.";
            return new TopicFault(TopicError.FORBIDDEN_SCOPE.name(), why, false, 0);
        }
        wrong =
                PublishRules.judge(
                        what.type(), key(what), what.body().length(), door.maxMessageBytes());
        if (wrong != null) return refused(door, wrong);
        String limitsKey = rights.limitsKey();
        long waitMillis = limitsKey == null ? 0 : door.publishWaitMillis(limitsKey);
        if (waitMillis == 0) return null;
        door.metrics().refused(TopicError.RATE_LIMITED);
        return new TopicFault(
                TopicError.RATE_LIMITED.name(), "Too many messages.", true, waitMillis);
    }

    private static TopicFault refused(TopicDoor door, PublishRules.Refused why) {
        door.metrics().refused(TopicError.valueOf(why.code().name()));
        boolean later = why.retryAfterMillis() > 0;
        return new TopicFault(why.code().name(), why.detail(), later, why.retryAfterMillis());
    }

    private static TopicFault unsupported() {
        return new TopicFault(
                "UNSUPPORTED", "The sessions of this server carry no topics.", false, 0);
    }
}
