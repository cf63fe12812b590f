package dev.peerline.fallback.http;

import dev.peerline.fallback.http.Sessions.Greeted;
import dev.peerline.fallback.http.Sessions.Refused;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.http.Sessions.Welcomed;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * One carrier's way in: the door is asked, it is counted against limits, and greeted. Used by one
 * thread at a time; what is read by others is volatile.
 */
final class Doorway {
    private final LinkHandler link;
    private final Visitor visitor;
    private final Carrier carrier;

    private volatile @Nullable String limitsKey;
    private volatile @Nullable Greeted greeted;

    Doorway(LinkHandler link, Visitor visitor, Carrier carrier) {
        this.link = link;
        this.visitor = visitor;
        this.carrier = carrier;
    }

    @Nullable Session session() {
        Greeted now = greeted;
        return now == null ? null : now.session();
    }

    @Nullable DownReader reader() {
        Greeted now = greeted;
        return now == null ? null : now.reader();
    }

    /** Whether it goes on with a session that was here. */
    boolean resumed() {
        Greeted now = greeted;
        return now != null && now.resumed();
    }

    /** Whose connections this carrier counts among, now; null for nobody's. */
    @Nullable String limitsKey() {
        return limitsKey;
    }

    /** Knocks, which is an attempt to connect; returns why the carrier ends before it began. */
    @Nullable Ending connect(long nowMillis) {
        return switch (link.sessions().knock(visitor)) {
            case Refused(Ending ending) -> ending;
            case Welcomed(String key) -> admit(key, link.keys().connect(key, nowMillis));
            case Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
    }

    /** The same for one that was let in before, and counted as an attempt then. */
    @Nullable Ending follow(long nowMillis) {
        return switch (link.sessions().knock(visitor)) {
            case Refused(Ending ending) -> ending;
            case Welcomed(String key) -> admit(key, link.keys().enter(key, nowMillis));
            case Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
    }

    /**
     * Knocks and greets at once: one of many requests of a session is no attempt to connect, any
     * other is.
     */
    @Nullable Ending enter(Hello hello, long nowMillis) {
        return switch (link.sessions().knock(visitor)) {
            case Refused(Ending ending) -> ending;
            case Welcomed(String key) -> {
                Ending refused = admit(key, link.keys().enter(key, nowMillis));
                if (refused == null) refused = greet(hello, nowMillis);
                Greeted now = greeted;
                if (now == null || !now.resumed()) link.keys().charge(key, nowMillis);
                yield refused;
            }
            case Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
    }

    /** Takes the {@code HELLO}; returns why the carrier ends. */
    @Nullable Ending greet(Hello hello, long nowMillis) {
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
