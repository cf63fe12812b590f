package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Down by requests again and again, which may wait at the server; up by POST. */
public final class PollCarrier extends HttpCarrier {
    /** Between requests that do not wait, while there is traffic. */
    private static final long BUSY_NANOS = Duration.ofMillis(250).toNanos();

    /** Traffic so long ago counts as there. */
    private static final long LATELY_NANOS = Duration.ofSeconds(5).toNanos();

    /** When to look again whether another carrier still greets. */
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    /** Where the server advises nothing, and the bounds of its advice. */
    private static final long IDLE_MILLIS = 2_000;

    private static final long MAX_IDLE_MILLIS = 30_000;

    private final int waitSeconds;
    private Loop.@Nullable Timer timer;
    private long activeAt;
    private boolean asked;

    private PollCarrier(Requests requests, Loop loop, Events events, int waitSeconds) {
        super(requests, loop, events);
        this.waitSeconds = waitSeconds;
        activeAt = loop.nowNanos();
    }

    /**
     * Begins to ask.
     *
     * @param waitSeconds how long the server may wait for something to say: 0 … 30
     */
    public static Carrier open(
            HttpClient client, URI link, Loop loop, Events events, int waitSeconds) {
        PollCarrier carrier =
                new PollCarrier(new Requests(client, link), loop, events, waitSeconds);
        loop.execute(carrier::ask);
        return carrier;
    }

    private void ask() {
        if (ended()) return;
        if (asked && events.paused()) {
            timer = loop.at(loop.nowNanos() + PAUSE_NANOS, this::ask);
            return;
        }
        timer = null;
        asked = true;
        request(requests.poll(events.greeting(), waitSeconds), Requests.body());
    }

    @Override
    void answered(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        Bytes packet = status == Requests.NO_CONTENT ? Bytes.EMPTY : Bytes.of(response.body());
        boolean ours = status == Requests.NO_CONTENT || Requests.isPacket(response);
        if (packet.length() > 0) activeAt = loop.nowNanos();
        // Of a refusal too: it says why.
        if (ours) events.packet(packet);
        if (ended()) return;
        if (!ours || (status != Requests.OK && status != Requests.NO_CONTENT)) {
            fail(null, "HTTP status " + status);
            return;
        }
        // After all that the packet led to, so that what it brought is acknowledged by the request.
        if (waitSeconds > 0) loop.execute(this::ask);
        else askLater(response);
    }

    private void askLater(HttpResponse<byte[]> response) {
        long now = loop.nowNanos();
        boolean busy = events.expecting() || now - activeAt < LATELY_NANOS;
        long idle = response.headers().firstValueAsLong("Peerline-Poll-After").orElse(IDLE_MILLIS);
        long wait = Duration.ofMillis(Math.clamp(idle, 0, MAX_IDLE_MILLIS)).toNanos();
        timer = loop.at(now + (busy ? Math.min(BUSY_NANOS, wait) : wait), this::ask);
    }

    @Override
    public ClientSession.Way way() {
        return ClientSession.Way.REQUESTS;
    }

    @Override
    public void send(Bytes packet) {
        long now = loop.nowNanos();
        boolean wasIdle = now - activeAt >= LATELY_NANOS;
        activeAt = now;
        super.send(packet);
        if (!wasIdle || timer == null) return;
        // An answer may come soon.
        timer.cancel();
        timer = loop.at(now + BUSY_NANOS, this::ask);
    }

    @Override
    public void close() {
        super.close();
        if (timer != null) timer.cancel();
    }
}
