package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What comes up on a carrier that carries both ways: packets are read, counted against limits,
 * greeted and handed to the session. Used by one thread at a time.
 */
final class Uplink {
    /** Greets, or leaves it for good reason. */
    interface Greeting {
        /** Returns why the carrier ends. */
        @Nullable Ending greet(Hello hello, long nowMillis);
    }

    private final LinkHandler link;
    private final Doorway door;
    private final Greeting greeting;
    private final RateLimit frames;
    private final RateLimit bytes;

    Uplink(LinkHandler link, Doorway door, Greeting greeting, long nowMillis) {
        this.link = link;
        this.door = door;
        this.greeting = greeting;
        LinkLimits limits = link.limits();
        frames = new RateLimit(limits.framesPerSecond(), limits.frameBurst(), nowMillis);
        bytes = new RateLimit(limits.bytesPerSecond(), limits.byteBurst(), nowMillis);
    }

    /** Takes a packet; returns why the carrier ends. */
    @Nullable Ending receive(Bytes packet, long nowMillis) {
        link.metrics().count(Counter.PACKETS_UP, 1);
        link.metrics().count(Counter.BYTES_UP, packet.length());
        return switch (UpFrame.readAll(packet)) {
            case Parsed.Bad<List<UpFrame>>(ErrorCode code, String problem) ->
                    Ending.because(code, problem);
            case Parsed.Good<List<UpFrame>>(List<UpFrame> list) ->
                    receive(list, packet.length(), nowMillis);
        };
    }

    /** How long the carrier should not be read, for it was faster than it may; in ms. */
    long pauseMillis(int packetBytes, long nowMillis) {
        return door.limitsKey() == null ? 0 : bytes.take(packetBytes, nowMillis);
    }

    private @Nullable Ending receive(List<UpFrame> list, int packetBytes, long nowMillis) {
        if (door.limitsKey() != null) {
            // An empty packet is work too.
            long waitMillis = frames.take(Math.max(1, list.size()), nowMillis);
            if (waitMillis > 0) return Ending.because(flooded(waitMillis));
        }
        List<UpFrame> rest = list;
        if (door.session() == null && !list.isEmpty()) {
            if (!(list.getFirst() instanceof Hello hello)) {
                return Ending.because(ErrorCode.BAD_HELLO, "The first frame must be HELLO.");
            }
            Ending refused = greeting.greet(hello, nowMillis);
            if (refused != null) return refused;
            rest = list.subList(1, list.size());
        }
        Session session = door.session();
        return session == null ? null : session.receive(rest, packetBytes, nowMillis);
    }

    static Refusal flooded(long waitMillis) {
        return Refusal.of(ErrorCode.RATE_LIMITED, "Too many frames.")
                .withRetryAfterMillis(waitMillis);
    }
}
