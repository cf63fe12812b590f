package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The way up by POST, one at a time. Used on the loop alone. */
final class Posts {
    /** So many in a row that failed are the end. */
    private static final int MAX_FAILURES = 3;

    /** The first wait after a failure, doubled with each. */
    private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

    private final Requests requests;
    private final Loop loop;
    private final Carrier.Events events;
    private final Failing failing;
    private @Nullable CompletableFuture<HttpResponse<byte[]>> out;
    private long bytesOut;
    private int failures;
    private boolean resting;
    private boolean closed;

    /** Who is told that it is of no use any more. */
    interface Failing {
        void failed(@Nullable Throwable problem, String reason);
    }

    Posts(Requests requests, Loop loop, Carrier.Events events, Failing failing) {
        this.requests = requests;
        this.loop = loop;
        this.events = events;
        this.failing = failing;
    }

    boolean ready() {
        return out == null && !resting && !closed;
    }

    long bufferedBytes() {
        return bytesOut;
    }

    void send(Bytes packet) {
        bytesOut = packet.length();
        CompletableFuture<HttpResponse<byte[]>> request =
                requests.client().sendAsync(requests.up(packet), Requests.body());
        out = request;
        var _ =
                request.whenComplete(
                        (response, problem) -> loop.execute(() -> done(response, problem)));
    }

    private void done(@Nullable HttpResponse<byte[]> response, @Nullable Throwable problem) {
        if (closed) return;
        out = null;
        bytesOut = 0;
        if (response == null || !Requests.isPacket(response)) {
            failed(response, problem);
            return;
        }
        if (response.statusCode() == Requests.OK) failures = 0;
        else events.postLost();
        // Of a refusal too: it says why.
        events.packet(Bytes.of(response.body()));
        if (!closed) events.changed();
    }

    private void failed(@Nullable HttpResponse<byte[]> response, @Nullable Throwable problem) {
        events.postLost();
        String reason =
                response == null
                        ? Failures.reason(problem)
                        : "HTTP status " + response.statusCode();
        if (++failures >= MAX_FAILURES) {
            failing.failed(problem, reason);
            return;
        }
        resting = true;
        loop.at(
                loop.nowNanos() + (RETRY_NANOS << failures),
                () -> {
                    resting = false;
                    if (!closed) events.changed();
                });
    }

    void close() {
        closed = true;
        // What is on its way arrives where it can: a farewell, mostly.
        bytesOut = 0;
    }
}
