package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/** Where the logs of topics come from. Thread-safe; nothing here blocks but {@link #close}. */
public interface Topics extends AutoCloseable {
    /** The log of a first segment; there is one for every name, used or not. */
    TopicLog log(String firstSegment);

    /**
     * Publishes.
     *
     * @param nowMillis Unix time in ms
     * @param kept is given the message's id, once, when it is kept and readers may see it: at once,
     *     or later on another thread. Never, when it is refused, or cannot be kept
     */
    Outcome publish(Publication publication, long nowMillis, Consumer<Cursor> kept);

    /**
     * Forgets what is too old.
     *
     * @param nowMillis Unix time in ms
     */
    void advance(long nowMillis);

    /** Why nothing can be kept at present, as a sentence; null when all is well. */
    @Nullable String trouble();

    Gauges gauges();

    /** Keeps what was taken, and ends. */
    @Override
    void close();

    /** What came of publishing. */
    enum Outcome {
        /** It is kept, or will be. */
        TAKEN,
        /** There are as many topics with messages as there may be. */
        TOO_MANY_TOPICS,
        /** There are as many idempotency keys in their ten minutes as there may be. */
        TOO_MANY_KEYS,
        /** Nothing can be kept at present: {@link Topics#trouble} says why. */
        STORAGE
    }

    /**
     * What there is.
     *
     * @param logs first segments
     * @param topics topics of which something is known
     * @param messages kept
     * @param bytes what these take, bookkeeping included
     */
    record Gauges(int logs, int topics, long messages, long bytes) {}
}
