package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.util.concurrent.CompletableFuture;

/**
 * What the carriers share whose two ways are requests of their own: one request down at a time, the
 * way up by POST, and one end. Used on the loop alone.
 */
abstract class HttpCarrier implements Carrier {
    final Requests requests;
    final Loop loop;
    final Events events;
    private final Posts posts;
    private @Nullable CompletableFuture<HttpResponse<byte[]>> down;
    private boolean ended;

    HttpCarrier(Requests requests, Loop loop, Events events) {
        this.requests = requests;
        this.loop = loop;
        this.events = events;
        posts = new Posts(requests, loop, events, this::fail);
    }

    /** Asks for the way down; {@link #answered} is told, unless the carrier has ended by then. */
    final void request(HttpRequest request, BodyHandler<byte[]> body) {
        CompletableFuture<HttpResponse<byte[]>> answer = requests.client().sendAsync(request, body);
        down = answer;
        var _ =
                answer.whenComplete(
                        (response, problem) -> loop.execute(() -> finished(response, problem)));
    }

    private void finished(@Nullable HttpResponse<byte[]> response, @Nullable Throwable problem) {
        if (ended) return;
        if (response == null) fail(problem, Failures.reason(problem));
        else answered(response);
    }

    /** The request for the way down is over. */
    abstract void answered(HttpResponse<byte[]> response);

    final boolean ended() {
        return ended;
    }

    final void fail(@Nullable Throwable problem, String reason) {
        if (ended) return;
        close();
        CarrierEnd end = problem == null ? CarrierEnd.LOST : Failures.end(problem);
        events.closed(end, Failures.ABNORMAL, reason);
    }

    @Override
    public final boolean ready() {
        return posts.ready();
    }

    @Override
    public final long bufferedBytes() {
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
        if (down != null) down.cancel(true);
    }
}
