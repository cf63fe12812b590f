package dev.peerline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import dev.peerline.fallback.grpc.client.MeasuredSubscription.Events;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Gap;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Message;
import dev.peerline.fallback.grpc.client.MeasuredSubscription.Subscription;

import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/**
 * Reads a topic as pushed streams (docs/protocol.md, section 7), as a client of the own TLS port.
 * Takes one message at a time from what was pushed; a request lets come at most so many pushes.
 * Thread-safe; it waits on a virtual thread of its own.
 */
final class PushedSubscription implements AutoCloseable {
    private static final int WAIT_SECONDS = 25;
    private static final int PUSHES = 100;

    private final HttpClient client;
    private final String topic;
    private final Subscription wanted;
    private final Events events;
    private final Semaphore asked = new Semaphore(1);
    private final AtomicLong bytesIn = new AtomicLong();
    private final Thread thread;

    /** An answer, pushed or not. */
    private record Came(HttpResponse<String> answer, long atNanos, boolean last) {}

    /**
     * @param base the own address with TLS
     */
    PushedSubscription(URI base, SSLContext tls, Subscription wanted, Events events) {
        this.wanted = wanted;
        this.events = events;
        topic = base + "/v1/topics/" + wanted.topic().replace(">", "%3E");
        client = HttpClient.newBuilder().sslContext(tls).build();
        thread = Thread.ofVirtual().name("peerline-compare-push").start(this::run);
    }

    /** Asks for one message more. */
    void next() {
        asked.release();
    }

    /** The bodies of all that came; heads and frames the client keeps to itself. */
    long bytesIn() {
        return bytesIn.get();
    }

    private void run() {
        try {
            HttpResponse<String> first =
                    client.send(
                            request("?limit=1&after=" + wanted.after()), BodyHandlers.ofString());
            if (!isGood(first)) return;
            boolean from = !wanted.after().equals("now");
            String cursor = from ? wanted.after() : json(first).get("next").getAsString();
            asked.acquire();
            events.started();
            while (cursor != null) cursor = pushedAfter(cursor);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // closed
        } catch (IOException | JsonParseException problem) {
            events.ended("UNREACHABLE", String.valueOf(problem.getMessage()));
        }
    }

    /**
     * One request, and what was pushed on it.
     *
     * @return where the next goes on; null at the end
     */
    private @Nullable String pushedAfter(String cursor) throws InterruptedException, IOException {
        // In the order of the promises, which is that of the messages.
        BlockingQueue<CompletableFuture<Came>> coming = new LinkedBlockingQueue<>();
        PushPromiseHandler<String> pushes =
                (_, _, accept) ->
                        coming.add(accept.apply(BodyHandlers.ofString()).thenApply(came(false)));
        String query = "?wait=%d&push=%d&after=%s".formatted(WAIT_SECONDS, PUSHES, cursor);
        CompletableFuture<Came> answer =
                client.sendAsync(request(query), BodyHandlers.ofString(), pushes)
                        .thenApply(came(true));
        var _ = answer.whenComplete((_, _) -> coming.add(answer));
        String next = cursor;
        while (true) {
            Came came = await(coming.take());
            if (!isGood(came.answer())) return null;
            JsonObject page = json(came.answer());
            deliver(page, came.atNanos());
            next = page.get("next").getAsString();
            if (came.last()) return next;
        }
    }

    private static Function<HttpResponse<String>, Came> came(boolean last) {
        return answer -> new Came(answer, System.nanoTime(), last);
    }

    private static Came await(CompletableFuture<Came> coming)
            throws InterruptedException, IOException {
        try {
            return coming.get();
        } catch (ExecutionException problem) {
            throw new IOException(problem.getCause());
        }
    }

    private void deliver(JsonObject page, long atNanos) throws InterruptedException {
        JsonElement gap = page.get("gap");
        if (gap != null) {
            JsonObject told = gap.getAsJsonObject();
            asked.acquire();
            events.gap(new Gap(text(told, "after"), text(told, "oldest"), text(told, "reason")));
        }
        for (JsonElement one : page.getAsJsonArray("messages")) {
            JsonObject message = one.getAsJsonObject();
            asked.acquire();
            events.message(
                    new Message(
                            text(message, "id"),
                            message.get("time").getAsLong(),
                            text(message, "type"),
                            text(message, "data")),
                    atNanos);
        }
    }

    private static String text(JsonObject object, String name) {
        return object.get(name).getAsString();
    }

    private JsonObject json(HttpResponse<String> answer) {
        bytesIn.addAndGet(answer.body().getBytes(UTF_8).length);
        return JsonParser.parseString(answer.body()).getAsJsonObject();
    }

    private HttpRequest request(String query) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(topic + query));
        String token = wanted.token();
        if (token != null) request.header("Authorization", "Bearer " + token);
        return request.build();
    }

    private boolean isGood(HttpResponse<String> answer) {
        if (answer.statusCode() == StatusCodes.OK) return true;
        JsonObject problem = json(answer);
        events.ended(problem.get("code").getAsString(), problem.get("detail").getAsString());
        return false;
    }

    @Override
    public void close() {
        thread.interrupt();
        client.shutdownNow();
    }
}
