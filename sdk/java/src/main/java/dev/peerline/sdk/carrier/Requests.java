package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.wire.Bytes;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.Base64;

/** The HTTP of carriers whose two ways are requests of their own: docs/protocol.md, section 6. */
record Requests(HttpClient client, URI link) {
    static final String PACKET = "application/vnd.peerline.packet";
    static final String EVENTS = "text/event-stream";
    static final String SDP = "application/sdp";
    static final int OK = 200;
    static final int NO_CONTENT = 204;

    /** A packet has at most 256 KiB: more is no server of ours. */
    static final int MAX_BODY_BYTES = 1 << 20;

    /** How long an answer that is due at once may take, whatever the ladder thinks of it. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final String HELLO = "Peerline-Hello";

    /** A way down. */
    HttpRequest down(Bytes greeting, String accept) {
        return builder(link).header(HELLO, encode(greeting)).header("Accept", accept).build();
    }

    /**
     * A way down that asks once.
     *
     * @param waitSeconds how long the server may wait for something to say
     */
    HttpRequest poll(Bytes greeting, int waitSeconds) {
        return builder(URI.create(link + "?wait=" + waitSeconds))
                .header(HELLO, encode(greeting))
                .header("Accept", PACKET)
                .timeout(TIMEOUT.plusSeconds(waitSeconds))
                .build();
    }

    HttpRequest up(Bytes packet) {
        return builder(link)
                .header("Content-Type", PACKET)
                .header("Accept", PACKET)
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(packet.toArray()))
                .build();
    }

    /** An offer of a data channel. */
    HttpRequest offer(Bytes proof, String sdp) {
        return builder(link)
                .header(HELLO, encode(proof))
                .header("Content-Type", SDP)
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofString(sdp))
                .build();
    }

    private static HttpRequest.Builder builder(URI uri) {
        return HttpRequest.newBuilder(uri).header("Cache-Control", "no-store");
    }

    private static String encode(Bytes packet) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(packet.toArray());
    }

    static BodyHandler<byte[]> body() {
        return _ -> BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_BODY_BYTES);
    }

    /** Whether it answers an offer. */
    static boolean isSdp(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Content-Type").orElse("").startsWith(SDP);
    }

    /** Whether it is from a server of ours, and no proxy's or portal's. */
    static boolean isPacket(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Content-Type").orElse("").startsWith(PACKET);
    }
}
