package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What may be published, and what is said to who may not, whichever door the message came by
 * (docs/protocol.md, section 7). Who may is the doors' to judge.
 */
public final class PublishRules {
    /** A disk that takes longer is broken, or full. */
    public static final long STORAGE_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private static final int MAX_LENGTH = 255;
    private static final long RETRY_MILLIS = 1_000;
    private static final long KEYS_RETRY_MILLIS = TimeUnit.MINUTES.toMillis(1);

    /** RFC 9110 §8.3: what has no type is this. */
    private static final String UNTYPED = "application/octet-stream";

    private PublishRules() {}

    /** Stable names; every door has errors of the same. */
    public enum Code {
        BAD_TOPIC,
        BAD_REQUEST,
        MESSAGE_TOO_LARGE,
        TOO_MANY_TOPICS,
        TOO_MANY_KEYS,
        STORAGE
    }

    /**
     * Why it is not published.
     *
     * @param detail one sentence for people
     * @param retryAfterMillis when it may be tried again; 0 for never
     */
    public record Refused(Code code, String detail, long retryAfterMillis) {}

    /** Judges where it is to go. */
    public static @Nullable Refused judge(@Nullable TopicPattern topic) {
        if (topic != null && topic.isTopic()) return null;
        return never(
                Code.BAD_TOPIC,
                "Messages are published to one topic, such as news.sport, not to a pattern.");
    }

    /**
     * Judges a message.
     *
     * @param type null or blank for none
     * @param key null for none
     * @param bodyBytes -1 while it is not known
     * @param maxBytes what a body may have
     */
    public static @Nullable Refused judge(
            @Nullable String type, @Nullable String key, long bodyBytes, int maxBytes) {
        if (bodyBytes > maxBytes) return tooLarge(maxBytes);
        if (key != null && (key.isEmpty() || !isVisible(key, '!'))) {
            return never(
                    Code.BAD_REQUEST,
                    "An idempotency key has 1 to %d visible ASCII characters."
                            .formatted(MAX_LENGTH));
        }
        if (type != null && !isVisible(type, ' ')) {
            return never(
                    Code.BAD_REQUEST,
                    "A message's type has at most %d visible ASCII characters."
                            .formatted(MAX_LENGTH));
        }
        return null;
    }

    private static boolean isVisible(String text, char from) {
        if (text.length() > MAX_LENGTH) return false;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < from || text.charAt(i) > '~') return false;
        }
        return true;
    }

    public static Refused tooLarge(int maxBytes) {
        return never(Code.MESSAGE_TOO_LARGE, "A message has at most %d bytes.".formatted(maxBytes));
    }

    private static Refused never(Code code, String detail) {
        return new Refused(code, detail, 0);
    }

    /** What was judged, to be published. */
    public static Publication publication(
            TopicPattern topic, @Nullable String type, Bytes body, @Nullable String key) {
        String named = type == null || type.isBlank() ? UNTYPED : type;
        return new Publication(topic, named, body, key);
    }

    /** What a log said to it; null where it took the message. */
    public static @Nullable Refused refusal(Topics.Outcome outcome, Topics topics) {
        return switch (outcome) {
            case TAKEN -> null;
            case TOO_MANY_TOPICS ->
                    new Refused(
                            Code.TOO_MANY_TOPICS,
                            "This server has all the topics that it may have.",
                            RETRY_MILLIS);
            case TOO_MANY_KEYS ->
                    new Refused(
                            Code.TOO_MANY_KEYS,
                            "Too many idempotency keys within ten minutes.",
                            KEYS_RETRY_MILLIS);
            case STORAGE -> storage(topics);
        };
    }

    /** It is not kept, or not yet: tried again with its key it is not doubled. */
    public static Refused storage(Topics topics) {
        String trouble = Objects.requireNonNullElse(topics.trouble(), "The disk takes too long.");
        return new Refused(Code.STORAGE, trouble, RETRY_MILLIS);
    }
}
