package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicPattern;

import io.undertow.server.HttpServerExchange;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Who may read and publish what, and how often. Thread-safe; it does not block. */
public interface TopicAccess {
    /** Judges a request to read, by its headers and its ticket. */
    Decision read(HttpServerExchange exchange, TopicPattern pattern);

    /**
     * Judges a request that repeats one to read which was granted, by time and quota alone. It need
     * not say why not: it will be asked again by all that the request says.
     */
    Decision again(Granted before);

    /** Judges a request to publish, by its headers. */
    Decision publish(HttpServerExchange exchange, TopicPattern topic);

    /** Yes or no. */
    sealed interface Decision {}

    /**
     * Yes.
     *
     * @param allowed what may be read, any of these; null for everything
     * @param untilMillis when a stream ends, Unix time in ms; {@link #NEVER} for never
     * @param limitsKey whose readers are counted together; null for who is exempt
     */
    record Granted(
            @Nullable List<TopicPattern> allowed, long untilMillis, @Nullable String limitsKey)
            implements Decision {
        /** A stream that ends when its reader wants. */
        public static final long NEVER = Long.MAX_VALUE;
    }

    /** No. */
    record Refused(TopicRefusal refusal) implements Decision {}
}
