package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.http.HttpResponse;
import java.time.Duration;

/** The way up by POST, one at a time. Used on the loop alone. */
final class Posts {
    /** So often one is tried: its numbers make a repetition harmless. */
    private static final int MAX_TRIES = 3;

    /** The first wait after a failure, doubled with each. */
    private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

    private final Requests requests;
    private final Loop loop;
    private final Carrier.Events events;
    private final Failing failing;
    private @Nullable Bytes out;
    private int tries;
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
        return out == null && !closed;
    }

    long bufferedBytes() {
        return out == null || closed ? 0 : out.length();
    }

    void send(Bytes packet) {
        out = packet;
        tries = 0;
        attempt(packet);
    }

    private void attempt(Bytes packet) {
        if (closed) return;
        tries++;
        var _ =
                requests.client()
                        .sendAsync(requests.up(packet), Requests.body())
                        .whenComplete(
                                (response, problem) ->
                                        loop.execute(() -> done(packet, response, problem)));
    }

    private void done(
            Bytes packet, @Nullable HttpResponse<byte[]> response, @Nullable Throwable problem) {
        if (closed) return;
        String status = response == null ? "" : "HTTP status " + response.statusCode();
        if (response != null && Requests.isPacket(response)) {
            out = null;
            Bytes answer = Bytes.of(response.body());
            if (response.statusCode() == Requests.OK) {
                events.posted(answer);
                if (!closed) events.changed();
                return;
            }
            // It says why.
            events.packet(answer);
            failing.failed(null, status);
        } else if (tries >= MAX_TRIES) {
            failing.failed(problem, response == null ? Failures.reason(problem) : status);
        } else {
            loop.at(loop.nowNanos() + (RETRY_NANOS << tries), () -> attempt(packet));
        }
    }

    /** What is on its way arrives where it can: a farewell, mostly. */
    void close() {
        closed = true;
    }
}
