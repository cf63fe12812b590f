package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Greeted;
import dev.peerline.fallback.http.Sessions.Refused;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.http.Sessions.Welcomed;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * What comes up on one carrier: packets are read, counted against limits, greeted and handed to the
 * session. The same for every carrier. Packets come from one thread at a time; what is read by
 * others is volatile.
 */
final class Uplink {
    private final LinkHandler link;
    private final Visitor visitor;
    private final Carrier carrier;
    private final RateLimit frames;
    private final RateLimit bytes;

    private volatile @Nullable String limitsKey;
    private volatile @Nullable Greeted greeted;

    Uplink(LinkHandler link, Visitor visitor, Carrier carrier, long nowMillis) {
        this.link = link;
        this.visitor = visitor;
        this.carrier = carrier;
        LinkLimits limits = link.limits();
        frames = new RateLimit(limits.framesPerSecond(), limits.frameBurst(), nowMillis);
        bytes = new RateLimit(limits.bytesPerSecond(), limits.byteBurst(), nowMillis);
    }

    @Nullable Session session() {
        Greeted now = greeted;
        return now == null ? null : now.session();
    }

    @Nullable DownReader reader() {
        Greeted now = greeted;
        return now == null ? null : now.reader();
    }

    /** Whose connections this carrier counts among, now. */
    @Nullable String limitsKey() {
        return limitsKey;
    }

    /** Knocks; returns why the carrier ends before it began. */
    @Nullable Ending open(long nowMillis) {
        return switch (link.sessions().knock(visitor)) {
            case Refused(Ending ending) -> ending;
            case Welcomed(String key) -> admit(key, link.keys().connect(key, nowMillis));
            case Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
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
        return limitsKey == null ? 0 : bytes.take(packetBytes, nowMillis);
    }

    private @Nullable Ending receive(List<UpFrame> list, int packetBytes, long nowMillis) {
        if (limitsKey != null) {
            // An empty packet is work too.
            long waitMillis = frames.take(Math.max(1, list.size()), nowMillis);
            if (waitMillis > 0) return flooded(waitMillis);
        }
        List<UpFrame> frames = list;
        if (greeted == null && !list.isEmpty()) {
            Ending refused = greet(list.getFirst(), nowMillis);
            if (refused != null) return refused;
            frames = list.subList(1, list.size());
        }
        Session session = session();
        return session == null ? null : session.receive(frames, packetBytes, nowMillis);
    }

    private static Ending flooded(long waitMillis) {
        Refusal refusal =
                Refusal.of(ErrorCode.RATE_LIMITED, "Too many frames.")
                        .withRetryAfterMillis(waitMillis);
        return Ending.because(refusal);
    }

    private @Nullable Ending greet(UpFrame first, long nowMillis) {
        if (!(first instanceof Hello hello)) {
            return Ending.because(ErrorCode.BAD_HELLO, "The first frame must be HELLO.");
        }
        return switch (link.sessions().greet(visitor, hello, carrier, nowMillis)) {
            case Refused(Ending ending) -> ending;
            case Greeted now -> {
                greeted = now;
                yield countAs(now.limitsKey(), nowMillis);
            }
            case Welcomed _ -> throw new AssertionError("welcomed without a session");
        };
    }

    /** Whose limits count is known better after the token was seen. */
    private @Nullable Ending countAs(@Nullable String key, long nowMillis) {
        String before = limitsKey;
        if (Objects.equals(before, key)) return null;
        limitsKey = null;
        return admit(key, link.keys().move(before, key, nowMillis));
    }

    private @Nullable Ending admit(@Nullable String key, @Nullable Refusal refusal) {
        if (refusal != null) return Ending.because(refusal);
        limitsKey = key;
        return null;
    }
}
