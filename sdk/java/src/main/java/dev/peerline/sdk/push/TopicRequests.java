package dev.peerline.sdk.push;

import com.google.gson.JsonObject;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.carrier.Failures;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests about the topics of one server: their URL, token and errors (docs/protocol.md, section
 * 7). Thread-safe; its callers wait.
 */
public final class TopicRequests {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;

    /**
     * A page has 512 KiB of messages at most, each a little more in JSON; the last may be large.
     */
    private static final int MAX_ANSWER_BYTES = 8 << 20;

    /** A request without an answer is given up after this, besides what it asks to wait. */
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private static final Duration PUBLISHED = Duration.ofSeconds(30);

    private static final Set<String> FINAL =
            Set.of("BAD_TOPIC", "BAD_CURSOR", "BAD_REQUEST", "FORBIDDEN_SCOPE");

    private final HttpClient http;
    private final String base;
    private final @Nullable Callable<String> tokens;
    private @Nullable String token;

    /**
     * @param base the server, ends in a slash
     * @param token null for none, or where there is a source
     * @param tokens asked for a token, and again when the server wants another; null for none
     */
    public TopicRequests(
            HttpClient http,
            String base,
            @Nullable String token,
            @Nullable Callable<String> tokens) {
        this.http = http;
        this.base = base + "v1/topics/";
        this.token = token;
        this.tokens = tokens;
    }

    /** A message to be published; the key is empty for none. */
    public record Posting(String topic, String type, String key, Bytes body) {}

    /** Makes a request once more, with another token. */
    private interface Attempt<T> {
        T send(@Nullable String token) throws RequestFailure, InterruptedException;
    }

    /**
     * Publishes, once.
     *
     * @return the message's id
     */
    public String publish(Posting posting) throws RequestFailure, InterruptedException {
        HttpRequest.Builder builder =
                request(posting.topic(), "")
                        .timeout(PUBLISHED)
                        .header("Content-Type", posting.type())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(posting.body().toArray()));
        if (!posting.key().isEmpty()) builder.header("Idempotency-Key", posting.key());
        JsonObject answer = withToken(token -> json(builder, token, CREATED));
        try {
            return ServerJson.string(answer, "id");
        } catch (IOException problem) {
            throw lost(problem);
        }
    }

    /**
     * Polls, once.
     *
     * @param after {@code 0}, {@code now} or a cursor
     * @param wait how long the server may wait for something to say; whole seconds
     */
    ServerJson.Page poll(String topic, String after, Duration wait)
            throws RequestFailure, InterruptedException {
        String query = "?after=" + after + (wait.isZero() ? "" : "&wait=" + wait.toSeconds());
        HttpRequest.Builder builder = request(topic, query).timeout(wait.plus(ANSWER));
        JsonObject answer = withToken(token -> json(builder, token, OK));
        try {
            return ServerJson.page(answer, topic);
        } catch (IOException problem) {
            throw lost(problem);
        }
    }

    /**
     * Opens a stream of events.
     *
     * @param limit until its answer begins
     */
    Pulled stream(String topic, String after, Duration limit)
            throws RequestFailure, InterruptedException {
        HttpRequest.Builder builder =
                request(topic, "?after=" + after).header("Accept", "text/event-stream");
        return withToken(token -> opened(builder, token, limit));
    }

    private HttpRequest.Builder request(String topic, String query) {
        // All else that a pattern may hold may stand in a path.
        return HttpRequest.newBuilder(URI.create(base + topic.replace(">", "%3E") + query))
                .header("Cache-Control", "no-store");
    }

    /** Whether another token may mend it. */
    public boolean mends(PeerlineException why) {
        return tokens != null && why.code().equals("TOKEN_EXPIRED");
    }

    /** The next request asks for another token. */
    public synchronized void forgetToken() {
        if (tokens != null) token = null;
    }

    private <T> T withToken(Attempt<T> attempt) throws RequestFailure, InterruptedException {
        String first = currentToken();
        try {
            return attempt.send(first);
        } catch (RequestFailure failure) {
            String code = failure.why().code();
            boolean stale = code.equals("UNAUTHORIZED") || code.equals("TOKEN_EXPIRED");
            if (tokens == null || !stale) throw failure;
            forget(first);
            return attempt.send(currentToken());
        }
    }

    /** Others may have another by now. */
    private synchronized void forget(@Nullable String old) {
        if (old != null && old.equals(token)) token = null;
    }

    private @Nullable String currentToken() throws RequestFailure, InterruptedException {
        synchronized (this) {
            if (token != null || tokens == null) return token;
        }
        String fresh = ask(tokens);
        synchronized (this) {
            token = fresh;
        }
        return fresh;
    }

    private static String ask(Callable<String> source) throws RequestFailure, InterruptedException {
        try {
            return source.call();
        } catch (InterruptedException interruption) {
            throw interruption;
        } catch (Exception problem) {
            PeerlineException why =
                    new PeerlineException(
                            "UNAUTHORIZED",
                            "token: the function that gives one failed",
                            true,
                            "",
                            problem);
            throw new RequestFailure(why, RequestFailure.Kind.UNREACHABLE, Duration.ZERO);
        }
    }

    private static HttpRequest build(HttpRequest.Builder builder, @Nullable String token) {
        return token == null
                ? builder.build()
                : builder.copy().header("Authorization", "Bearer " + token).build();
    }

    private JsonObject json(HttpRequest.Builder builder, @Nullable String token, int wanted)
            throws RequestFailure, InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = http.send(build(builder, token), whole());
        } catch (IOException problem) {
            throw lost(problem);
        }
        if (response.statusCode() != wanted) throw refused(response);
        JsonObject answer = object(response.body());
        if (answer != null) return answer;
        throw lost(new IOException("the answer broke off, or is not of this server"));
    }

    private static BodyHandler<byte[]> whole() {
        return _ -> BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER_BYTES);
    }

    private static @Nullable JsonObject object(byte[] body) {
        return ServerJson.object(new String(body, StandardCharsets.UTF_8));
    }

    /** A stream, or what was said instead. */
    private sealed interface Answer {
        record Stream(Pulled body) implements Answer {}

        record Whole(Bytes body) implements Answer {}
    }

    private Pulled opened(HttpRequest.Builder builder, @Nullable String token, Duration limit)
            throws RequestFailure, InterruptedException {
        CompletableFuture<HttpResponse<Answer>> answer =
                http.sendAsync(build(builder, token), TopicRequests::body);
        HttpResponse<Answer> response;
        try {
            response = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw lost(failure.getCause());
        } catch (TimeoutException problem) {
            answer.cancel(true);
            throw lost(problem);
        } catch (InterruptedException interruption) {
            answer.cancel(true);
            throw interruption;
        }
        return switch (response.body()) {
            case Answer.Stream(Pulled body) -> body;
            case Answer.Whole(Bytes body) -> throw refused(response, body.toArray());
        };
    }

    private static BodySubscriber<Answer> body(HttpResponse.ResponseInfo info) {
        String type = info.headers().firstValue("Content-Type").orElse("");
        if (info.statusCode() == OK && type.startsWith("text/event-stream")) {
            return BodySubscribers.mapping(new Pulled(), Answer.Stream::new);
        }
        BodySubscriber<byte[]> all =
                BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER_BYTES);
        return BodySubscribers.mapping(all, whole -> new Answer.Whole(Bytes.of(whole)));
    }

    private static RequestFailure lost(@Nullable Throwable problem) {
        RequestFailure.Kind kind =
                Failures.isUnreachable(problem)
                        ? RequestFailure.Kind.UNREACHABLE
                        : RequestFailure.Kind.LOST;
        PeerlineException why =
                new PeerlineException(
                        "UNREACHABLE",
                        "The server did not answer: " + Failures.reason(problem),
                        true,
                        "",
                        problem);
        return new RequestFailure(why, kind, Duration.ZERO);
    }

    private static RequestFailure refused(HttpResponse<byte[]> response) {
        return refused(response, response.body());
    }

    private static RequestFailure refused(HttpResponse<?> response, byte[] body) {
        JsonObject told = object(body);
        PeerlineException why =
                problem(told == null ? new JsonObject() : told, response.statusCode());
        long seconds;
        try {
            seconds = response.headers().firstValueAsLong("Retry-After").orElse(0);
        } catch (NumberFormatException _) {
            seconds = 0; // a date, which servers of ours do not say
        }
        Duration after = Duration.ofSeconds(Math.clamp(seconds, 0, 3_600));
        return new RequestFailure(why, RequestFailure.Kind.REFUSED, after);
    }

    /** What a stream said before it ended. */
    static RequestFailure refused(JsonObject told) {
        return new RequestFailure(problem(told, 0), RequestFailure.Kind.REFUSED, Duration.ZERO);
    }

    /**
     * What a problem (RFC 9457) says.
     *
     * @param otherwise the status where it names none; 0 for unknown
     */
    private static PeerlineException problem(JsonObject told, int otherwise) {
        String code = text(told, "code");
        String status = text(told, "status");
        int number = status.matches("[0-9]{3}") ? Integer.parseInt(status) : otherwise;
        boolean later = number == TOO_MANY_REQUESTS || number >= SERVER_ERROR || number == 0;
        // What is no problem of ours comes from somebody on the way.
        boolean strange = code.isEmpty() && number < CLIENT_ERROR;
        String detail = text(told, "detail");
        return new PeerlineException(
                code.isEmpty() ? "UNREACHABLE" : code,
                detail.isEmpty() ? "The server answered " + number : detail,
                strange || (later && !FINAL.contains(code)),
                "");
    }

    private static String text(JsonObject object, String name) {
        try {
            return object.has(name) ? ServerJson.string(object, name) : "";
        } catch (IOException _) {
            return "";
        }
    }
}
