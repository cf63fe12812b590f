package dev.peerline.server.pushpeer;

import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.server.door.Quota;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How many data channels there are, and are being set up. Thread-safe: one lock, held for a map's
 * work.
 */
final class PushPeerCount {
    /** Of one address or token at a time; a page has one. */
    private static final int MAX_PENDING_PER_KEY = 16;

    private static final long RETRY_AFTER_MILLIS = 5_000;
    private static final String ALL = "";

    private final int most;
    private final Quota<String> setups;
    private final Map<String, Integer> pending = new HashMap<>();
    private int total;
    private int settingUp;

    /**
     * @param most at one time
     * @param perSecond set-ups in all, on average; as many at once
     */
    PushPeerCount(int most, int perSecond) {
        this.most = most;
        setups = new Quota<>(perSecond, Duration.ofSeconds(1).toNanos(), 1);
    }

    synchronized int total() {
        return total;
    }

    synchronized int settingUp() {
        return settingUp;
    }

    /** Counts one that is begun; returns why not. */
    synchronized @Nullable Refusal begin(@Nullable String key, long nowNanos) {
        if (total >= most) return tooMany("The server has as many data channels as it may have.");
        if (key != null && pending.getOrDefault(key, 0) >= MAX_PENDING_PER_KEY) {
            return tooMany("This address or token sets up enough data channels by now.");
        }
        long waitNanos = setups.take(ALL, nowNanos);
        if (waitNanos > 0) {
            return Refusal.of(ErrorCode.RATE_LIMITED, "Too many data channels are begun.")
                    .withRetryAfterMillis(1 + Duration.ofNanos(waitNanos).toMillis());
        }
        total++;
        settingUp++;
        if (key != null) pending.merge(key, 1, Integer::sum);
        return null;
    }

    private static Refusal tooMany(String message) {
        return Refusal.of(ErrorCode.TOO_MANY_CONNECTIONS, message)
                .withRetryAfterMillis(RETRY_AFTER_MILLIS);
    }

    /** One is set up, or will never be. */
    synchronized void settled(@Nullable String key) {
        settingUp--;
        if (key != null) pending.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    /** One is gone. */
    synchronized void ended() {
        total--;
    }
}
