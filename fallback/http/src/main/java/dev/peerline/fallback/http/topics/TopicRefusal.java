package dev.peerline.fallback.http.topics;

import com.google.gson.JsonObject;

import dev.peerline.fallback.link.topic.PublishRules;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

/**
 * What a refused request is answered with (RFC 9457).
 *
 * @param detail one sentence for people
 * @param retryAfterMillis when it may be tried again; 0 when that is not known
 * @param challenge what a client without a good token is told (RFC 6750 §3); null for nothing
 */
public record TopicRefusal(
        TopicError error, String detail, long retryAfterMillis, @Nullable String challenge) {
    private static final int SECOND_MILLIS = 1_000;

    public static TopicRefusal of(TopicError error, String detail) {
        return new TopicRefusal(error, detail, 0, null);
    }

    /** Why a message is not published. */
    static TopicRefusal of(PublishRules.Refused refused) {
        return of(TopicError.valueOf(refused.code().name()), refused.detail())
                .withRetryAfterMillis(refused.retryAfterMillis());
    }

    public TopicRefusal withRetryAfterMillis(long millis) {
        return new TopicRefusal(error, detail, millis, challenge);
    }

    public TopicRefusal withChallenge(String text) {
        return new TopicRefusal(error, detail, retryAfterMillis, text);
    }

    /** Answers; the exchange ends with it. */
    void send(HttpServerExchange exchange) {
        exchange.setStatusCode(error.status());
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, "application/problem+json")
                .put(Headers.CACHE_CONTROL, "no-store");
        if (retryAfterMillis > 0) {
            long seconds = (retryAfterMillis + SECOND_MILLIS - 1) / SECOND_MILLIS;
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, seconds);
        }
        if (challenge != null) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, challenge);
        }
        exchange.getResponseSender().send(json());
    }

    /** The problem as a JSON object. */
    String json() {
        JsonObject object = new JsonObject();
        object.addProperty("type", "about:blank");
        object.addProperty("title", StatusCodes.getReason(error.status()));
        object.addProperty("status", error.status());
        object.addProperty("detail", detail);
        object.addProperty("code", error.name());
        return object.toString();
    }
}
