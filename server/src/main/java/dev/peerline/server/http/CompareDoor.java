package dev.peerline.server.http;

import com.google.gson.JsonObject;

import dev.peerline.fallback.grpc.client.MeasuredSubscription;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Subscription;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Target;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * What the page {@code /compare} cannot do by itself: {@code GET /v1/compare} says what there is,
 * {@code GET /v1/compare/grpc} reads a topic as a client of the own gRPC port, with the caller's
 * token, and passes on what came. A relayed stream has a virtual thread and a connection; without
 * one this costs nothing. Thread-safe.
 */
final class CompareDoor implements AutoCloseable {
    /** One for each page that is looked at: it is there to be shown, not to be used. */
    private static final int MAX_RELAYS = 16;

    private final @Nullable Target grpc;
    private final Topics topics;
    private final Semaphore relays = new Semaphore(MAX_RELAYS);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param grpc null when it is not served
     */
    CompareDoor(@Nullable Target grpc, Topics topics) {
        this.grpc = grpc;
        this.topics = topics;
    }

    /** Which lanes the server relays, and why not the others. */
    void capabilities(HttpServerExchange exchange) {
        JsonObject lanes = new JsonObject();
        lanes.add(
                "grpc",
                lane(
                        grpc != null,
                        "gRPC is switched off here: start the server without --no-grpc."));
        lanes.add("http2-push", lane(false, "Topics as pushed streams are not in this build."));
        lanes.add(
                "queue",
                lane(
                        false,
                        "No broker can be attached yet: Kafka, RabbitMQ and RocketMQ are not built."
                                + " Planned: serve --log kafka://…, which puts topics on one."));
        Answers.json(exchange, lanes.toString());
    }

    private static JsonObject lane(boolean ready, String says) {
        JsonObject lane = new JsonObject();
        lane.addProperty("ready", ready);
        if (!ready) lane.addProperty("says", says);
        return lane;
    }

    /** Reads by gRPC. */
    void relayGrpc(HttpServerExchange exchange) {
        Target target = grpc;
        TopicPattern pattern = TopicPattern.parse(parameter(exchange, "topic", ""));
        if (target == null) {
            Problem.notFound().send(exchange);
        } else if (pattern == null) {
            new Problem(StatusCodes.BAD_REQUEST, "BAD_TOPIC", "topic must name one.")
                    .send(exchange);
        } else if (!relays.tryAcquire()) {
            new Problem(
                            StatusCodes.SERVICE_UNAVAILABLE,
                            "TOO_MANY_CONNECTIONS",
                            "At most %d such streams at a time.".formatted(MAX_RELAYS))
                    .send(exchange);
        } else {
            exchange.addExchangeCompleteListener(
                    (_, next) -> {
                        relays.release();
                        next.proceed();
                    });
            exchange.dispatch(threads, at -> relay(at, target, pattern));
        }
    }

    private void relay(HttpServerExchange exchange, Target target, TopicPattern pattern)
            throws IOException, InterruptedException {
        Subscription wanted =
                new Subscription(
                        pattern.text(),
                        parameter(exchange, "after", "now"),
                        Bearer.token(exchange));
        try (LogTap tap = new LogTap(topics.log(pattern.firstSegment()))) {
            RelayedTopic relayed = new RelayedTopic(tap);
            try (var subscription = new MeasuredSubscription(target, wanted, relayed)) {
                relayed.run(exchange, subscription);
            }
        }
    }

    private static String parameter(HttpServerExchange exchange, String name, String otherwise) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? otherwise : values.getFirst();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
