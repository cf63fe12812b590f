package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.Loop;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;

/** Down by server-sent events, up by POST. */
public final class SseCarrier extends HttpCarrier {
    private SseCarrier(Requests requests, Loop loop, Events events) {
        super(requests, loop, events);
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
        if (ended()) return;
        request(requests.down(events.greeting(), Requests.EVENTS), this::subscriber);
    }

    private BodySubscriber<byte[]> subscriber(HttpResponse.ResponseInfo info) {
        String type = info.headers().firstValue("Content-Type").orElse("");
        if (info.statusCode() == Requests.OK && type.startsWith(Requests.EVENTS)) {
            return new EventStream(loop::execute, this::packet);
        }
        return BodySubscribers.limiting(BodySubscribers.ofByteArray(), Requests.MAX_BODY_BYTES);
    }

    private void packet(Bytes packet) {
        if (!ended()) events.packet(packet);
    }

    @Override
    void answered(HttpResponse<byte[]> response) {
        // A refusal says why.
        if (Requests.isPacket(response)) events.packet(Bytes.of(response.body()));
        int status = response.statusCode();
        fail(null, status == Requests.OK ? "the stream has ended" : "HTTP status " + status);
    }

    @Override
    public ClientSession.Way way() {
        return ClientSession.Way.STREAM;
    }
}
