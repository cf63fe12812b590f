package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.fallback.link.topic.Publication;
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
import java.util.regex.Pattern;

/** Publishes what sessions want published, and makes the answers. Thread-safe; never locked. */
final class Publisher {
    private static final Pattern KEY = Pattern.compile("[!-~]{0,255}");
    private static final int MAX_TYPE_LENGTH = 255;

    /** RFC 9110 §8.3: what has no type is this. */
    private static final String UNTYPED = "application/octet-stream";

    private static final long RETRY_MILLIS = 1_000;
    private static final long KEYS_RETRY_MILLIS = 60_000;

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
                new Publication(
                        Objects.requireNonNull(TopicPattern.parse(what.topic())),
                        what.type().isBlank() ? UNTYPED : what.type(),
                        what.body().compact(),
                        what.key().isEmpty() ? null : what.key());
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
        if (outcome == Topics.Outcome.TAKEN) {
            door.metrics().published(what.body().length());
        } else {
            answered.accept(new Published(what.request(), null, refusal(door, outcome)));
        }
    }

    /** Whoever keeps messages is not to wait for a room, nor to write to its carriers. */
    private static void answer(Published answer, Thread asked, Consumer<Published> answered) {
        if (Thread.currentThread() == asked) answered.accept(answer);
        else Thread.startVirtualThread(() -> answered.accept(answer));
    }

    private static @Nullable TopicFault judge(
            TopicDoor door, TopicUp.Publish what, TopicRights rights) {
        TopicPattern topic = TopicPattern.parse(what.topic());
        if (topic == null || !topic.isTopic()) {
            return refused(
                    door, TopicError.BAD_TOPIC, "Messages are published to a topic: news.sport");
        }
        if (!rights.publishes(topic)) {
            return refused(
                    door, TopicError.FORBIDDEN_SCOPE, "The token does not allow publishing here.");
        }
        if (what.body().length() > door.maxMessageBytes()) {
            return refused(
                    door,
                    TopicError.MESSAGE_TOO_LARGE,
                    "A message has at most %d bytes.".formatted(door.maxMessageBytes()));
        }
        if (what.type().length() > MAX_TYPE_LENGTH || !KEY.matcher(what.key()).matches()) {
            return refused(
                    door,
                    TopicError.BAD_REQUEST,
                    "A type has at most 255 characters, and a key 255 visible ones of ASCII.");
        }
        String limitsKey = rights.limitsKey();
        long waitMillis = limitsKey == null ? 0 : door.publishWaitMillis(limitsKey);
        if (waitMillis == 0) return null;
        door.metrics().refused(TopicError.RATE_LIMITED);
        return new TopicFault(
                TopicError.RATE_LIMITED.name(), "Too many messages.", true, waitMillis);
    }

    private static TopicFault refused(TopicDoor door, TopicError error, String message) {
        door.metrics().refused(error);
        return new TopicFault(error.name(), message, false, 0);
    }

    private static TopicFault refusal(TopicDoor door, Topics.Outcome outcome) {
        TopicFault fault =
                switch (outcome) {
                    case TAKEN -> throw new AssertionError("taken, and refused");
                    case TOO_MANY_TOPICS ->
                            new TopicFault(
                                    TopicError.TOO_MANY_TOPICS.name(),
                                    "This server has all the topics that it may have.",
                                    true,
                                    RETRY_MILLIS);
                    case TOO_MANY_KEYS ->
                            new TopicFault(
                                    TopicError.TOO_MANY_KEYS.name(),
                                    "Too many keys within ten minutes.",
                                    true,
                                    KEYS_RETRY_MILLIS);
                    case STORAGE ->
                            new TopicFault(
                                    TopicError.STORAGE.name(),
                                    Objects.requireNonNullElse(
                                            door.topics().trouble(), "The disk takes too long."),
                                    true,
                                    RETRY_MILLIS);
                };
        door.metrics().refused(TopicError.valueOf(fault.code()));
        return fault;
    }

    private static TopicFault unsupported() {
        return new TopicFault(
                "UNSUPPORTED", "The sessions of this server carry no topics.", false, 0);
    }
}
