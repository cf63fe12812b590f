package dev.peerline.server.http;

import com.google.gson.JsonObject;

import dev.peerline.fallback.grpc.client.MeasuredSubscription;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Subscription;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Target;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.server.http.RelayedTopic.Source;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import javax.net.ssl.SSLContext;

/**
 * What the page {@code /compare} cannot do by itself: {@code GET /v1/compare} says what there is,
 * {@code GET /v1/compare/grpc} and {@code /v1/compare/http2-push} read a topic as a client of the
 * own port, with the caller's token, and pass on what came. A relayed stream has a virtual thread
 * and a connection; without one this costs nothing. Thread-safe.
 */
final class CompareDoor implements AutoCloseable {
    /** One for each page that is looked at: it is there to be shown, not to be used. */
    private static final int MAX_RELAYS = 16;

    /** It stands in a URL. */
    private static final Pattern CURSOR = Pattern.compile("now|[0-9-]{1,40}");

    private final @Nullable Target grpc;
    private final Supplier<@Nullable Pushing> pushed;
    private final Topics topics;
    private final boolean isPeer;
    private final Semaphore relays = new Semaphore(MAX_RELAYS);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Where topics are pushed over HTTP/2, and whom to trust there. */
    record Pushing(URI base, SSLContext tls) {}

    /** Relays one subscription, until it or the client ends. */
    private interface Relay {
        void run(HttpServerExchange exchange, Subscription wanted, RelayedTopic relayed)
                throws IOException, InterruptedException;
    }

    /**
     * @param grpc null when it is not served
     * @param pushed gives null without TLS
     * @param isPeer whether the server takes offers of data channels
     */
    CompareDoor(
            @Nullable Target grpc,
            Supplier<@Nullable Pushing> pushed,
            Topics topics,
            boolean isPeer) {
        this.isPeer = isPeer;
        this.grpc = grpc;
        this.pushed = pushed;
        this.topics = topics;
    }

    /**
     * Which lanes the server relays, and why not the others; and how long the request was, for a
     * page does not see what the browser adds to it.
     */
    void capabilities(HttpServerExchange exchange) {
        JsonObject lanes = new JsonObject();
        JsonObject request = new JsonObject();
        request.addProperty("bytes", headBytes(exchange));
        lanes.add("request", request);
        lanes.add(
                "grpc",
                lane(
                        grpc != null,
                        "gRPC is switched off here: start the server without --no-grpc."));
        lanes.add(
                "http2-push",
                lane(
                        pushed.get() != null,
                        "Pushes take HTTP/2, and that takes TLS: add --tls-port 8443"
                                + " --tls-self-signed, or your certificate."));
        lanes.add(
                "webrtc",
                lane(isPeer, "The server is no WebRTC peer itself: start it with --push-peer."));
        lanes.add(
                "queue",
                lane(
                        false,
                        "No broker can be attached yet: Kafka, RabbitMQ and RocketMQ are not built."
                                + " Planned: serve --log kafka://…, which puts topics on one."));
        Answers.json(exchange, lanes.toString());
    }

    /** The head of a request, as HTTP/1.1 writes it, whatever it came by. */
    private static int headBytes(HttpServerExchange exchange) {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String query = exchange.getQueryString();
        int bytes = line.length() + (query.isEmpty() ? 0 : 1 + query.length());
        bytes += " HTTP/1.1\r\n\r\n".length();
        for (HeaderValues values : exchange.getRequestHeaders()) {
            for (String value : values) {
                bytes += values.getHeaderName().length() + value.length() + ": \r\n".length();
            }
        }
        return bytes;
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
        relay(
                exchange,
                target == null
                        ? null
                        : (at, wanted, relayed) -> {
                            try (var from = new MeasuredSubscription(target, wanted, relayed)) {
                                relayed.run(
                                        at, new Source(from::next, from::bytesIn, from::bytesOut));
                            }
                        });
    }

    /** Reads as pushed streams of HTTP/2. */
    void relayPushes(HttpServerExchange exchange) {
        Pushing target = pushed.get();
        relay(
                exchange,
                target == null
                        ? null
                        : (at, wanted, relayed) -> {
                            try (var from =
                                    new PushedSubscription(
                                            target.base(), target.tls(), wanted, relayed)) {
                                relayed.run(at, new Source(from::next, from::bytesIn, null));
                            }
                        });
    }

    private void relay(HttpServerExchange exchange, @Nullable Relay relay) {
        TopicPattern pattern = TopicPattern.parse(parameter(exchange, "topic", ""));
        String after = parameter(exchange, "after", "now");
        if (relay == null) {
            Problem.notFound().send(exchange);
        } else if (pattern == null) {
            new Problem(StatusCodes.BAD_REQUEST, "BAD_TOPIC", "topic must name one.")
                    .send(exchange);
        } else if (!CURSOR.matcher(after).matches()) {
            new Problem(StatusCodes.BAD_REQUEST, "BAD_CURSOR", "after is 0, now or a cursor.")
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
            exchange.dispatch(threads, at -> run(at, relay, pattern, after));
        }
    }

    private void run(HttpServerExchange exchange, Relay relay, TopicPattern pattern, String after) {
        Subscription wanted = new Subscription(pattern.text(), after, Bearer.token(exchange));
        try (LogTap tap = new LogTap(topics.log(pattern.firstSegment()))) {
            relay.run(exchange, wanted, new RelayedTopic(tap));
        } catch (IOException _) {
            // The page has gone: it was told all that it wanted.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the server goes down
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
