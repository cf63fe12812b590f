package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.concurrent.CompletableFuture;

/** Down by server-sent events, up by POST. */
public final class SseCarrier implements Carrier {
    private final Requests requests;
    private final Loop loop;
    private final Events events;
    private final Posts posts;
    private @Nullable CompletableFuture<HttpResponse<byte[]>> stream;
    private boolean ended;

    private SseCarrier(Requests requests, Loop loop, Events events) {
        this.requests = requests;
        this.loop = loop;
        this.events = events;
        posts = new Posts(requests, loop, events, this::fail);
    }

    /**
     * Connects.
     *
     * @param link {@code http:} or {@code https:}
     */
    public static Carrier open(HttpClient client, URI link, Loop loop, Events events) {
        SseCarrier carrier = new SseCarrier(new Requests(client, link), loop, events);
        loop.execute(carrier::begin);
        return carrier;
    }

    private void begin() {
        if (ended) return;
        CompletableFuture<HttpResponse<byte[]>> request =
                requests.client()
                        .sendAsync(
                                requests.down(events.greeting(), Requests.EVENTS),
                                this::subscriber);
        stream = request;
        var _ =
                request.whenComplete(
                        (response, problem) -> loop.execute(() -> done(response, problem)));
    }

    private BodySubscriber<byte[]> subscriber(HttpResponse.ResponseInfo info) {
        String type = info.headers().firstValue("Content-Type").orElse("");
        if (info.statusCode() == Requests.OK && type.startsWith(Requests.EVENTS)) {
            return new EventStream(loop::execute, this::packet);
        }
        return BodySubscribers.limiting(BodySubscribers.ofByteArray(), Requests.MAX_BODY_BYTES);
    }

    private void packet(Bytes packet) {
        if (!ended) events.packet(packet);
    }

    private void done(@Nullable HttpResponse<byte[]> response, @Nullable Throwable problem) {
        if (ended) return;
        if (response == null) {
            fail(problem, Failures.reason(problem));
            return;
        }
        // A refusal says why.
        if (Requests.isPacket(response)) events.packet(Bytes.of(response.body()));
        int status = response.statusCode();
        fail(null, status == Requests.OK ? "the stream has ended" : "HTTP status " + status);
    }

    private void fail(@Nullable Throwable problem, String reason) {
        if (ended) return;
        close();
        CarrierEnd end = problem == null ? CarrierEnd.LOST : Failures.end(problem);
        events.closed(end, Failures.ABNORMAL, reason);
    }

    @Override
    public ClientSession.Way way() {
        return ClientSession.Way.STREAM;
    }

    @Override
    public boolean ready() {
        return posts.ready();
    }

    @Override
    public long bufferedBytes() {
        return posts.bufferedBytes();
    }

    @Override
    public void send(Bytes packet) {
        posts.send(packet);
    }

    @Override
    public void close() {
        ended = true;
        posts.close();
        if (stream != null) stream.cancel(true);
    }
}
