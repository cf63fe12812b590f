package dev.peerline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;

import dev.peerline.fallback.grpc.client.MeasuredSubscription;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What a subscription of the server's own yields, passed on as server-sent events: each message
 * with how long it took from the log to the client, and what came in at that client's socket and
 * went out there. Used by one thread that may wait; the events come on another.
 */
final class RelayedTopic implements MeasuredSubscription.Events {
    private static final int HEARTBEAT_SECONDS = 10;

    /** An event at a time is asked for; besides it, the end. */
    private static final int MAX_WAITING = 4;

    private static final double NANOS_PER_MILLI = 1e6;

    private final LogTap tap;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MAX_WAITING);

    /**
     * Where events come from.
     *
     * @param more asks for one
     * @param in all bytes that came in so far
     * @param out all that went out so far; null where that is not known
     */
    record Source(Runnable more, LongSupplier in, @Nullable LongSupplier out) {
        private void next() {
            more.run();
        }

        private void count(JsonObject message) {
            message.addProperty("wireBytes", in.getAsLong());
            if (out != null) message.addProperty("upBytes", out.getAsLong());
        }
    }

    private sealed interface Event {}

    private record Started() implements Event {}

    private record Arrived(MeasuredSubscription.Message message, long hopNanos) implements Event {}

    private record Missed(MeasuredSubscription.Gap gap) implements Event {}

    private record Ended(String code, String detail) implements Event {}

    RelayedTopic(LogTap tap) {
        this.tap = tap;
    }

    @Override
    public void started() {
        events.add(new Started());
    }

    @Override
    public void message(MeasuredSubscription.Message message, long arrivedNanos) {
        Cursor id = CursorText.parse(message.id());
        long hopNanos = id == null ? -1 : tap.age(id.offset(), arrivedNanos);
        events.add(new Arrived(message, hopNanos));
    }

    @Override
    public void gap(MeasuredSubscription.Gap gap) {
        events.add(new Missed(gap));
    }

    @Override
    public void ended(String code, String detail) {
        events.add(new Ended(code, detail));
    }

    /** Passes on what comes, until the subscription ends or the client has gone. */
    void run(HttpServerExchange exchange, Source source) throws IOException, InterruptedException {
        Event first = events.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        if (!(first instanceof Started)) {
            refuse(exchange, first);
            return;
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.startBlocking();
        OutputStream out = exchange.getOutputStream();
        String text = ": started\n\n";
        Event event = first;
        while (text != null) {
            out.write(text.getBytes(UTF_8));
            out.flush();
            // A heartbeat took nothing out of what was asked for.
            if (event != null) source.next();
            event = events.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
            text = text(event, source);
        }
    }

    /** Null at the end. */
    private static @Nullable String text(@Nullable Event event, Source source) {
        return switch (event) {
            case null -> ":\n\n";
            case Started _ -> ":\n\n";
            case Arrived arrived -> "data: " + json(arrived, source) + "\n\n";
            case Missed missed -> "event: gap\ndata: " + json(missed.gap()) + "\n\n";
            case Ended _ -> null;
        };
    }

    private static JsonObject json(Arrived arrived, Source source) {
        MeasuredSubscription.Message message = arrived.message();
        JsonObject json = new JsonObject();
        json.addProperty("id", message.id());
        json.addProperty("time", message.timeMillis());
        json.addProperty("type", message.type());
        json.addProperty("data", message.data());
        if (arrived.hopNanos() >= 0) {
            json.addProperty("hopMs", arrived.hopNanos() / NANOS_PER_MILLI);
        }
        source.count(json);
        return json;
    }

    private static JsonObject json(MeasuredSubscription.Gap gap) {
        JsonObject json = new JsonObject();
        json.addProperty("after", gap.after());
        json.addProperty("oldest", gap.oldest());
        json.addProperty("reason", gap.reason());
        return json;
    }

    private static void refuse(HttpServerExchange exchange, @Nullable Event event) {
        if (!(event instanceof Ended ended)) {
            new Problem(
                            StatusCodes.GATEWAY_TIME_OUT,
                            "UNREACHABLE",
                            "The own port does not answer.")
                    .send(exchange);
            return;
        }
        int status =
                switch (ended.code()) {
                    case "UNAUTHORIZED", "TOKEN_EXPIRED" -> StatusCodes.UNAUTHORIZED;
                    case "FORBIDDEN_SCOPE", "FORBIDDEN_HOST", "FORBIDDEN_ORIGIN" ->
                            StatusCodes.FORBIDDEN;
                    case "BAD_TOPIC", "BAD_CURSOR" -> StatusCodes.BAD_REQUEST;
                    case "RATE_LIMITED" -> StatusCodes.TOO_MANY_REQUESTS;
                    default -> StatusCodes.SERVICE_UNAVAILABLE;
                };
        new Problem(status, ended.code(), ended.detail()).send(exchange);
    }
}
