package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** Counts carriers by whose limits count. Thread-safe: one lock, held for a map's work. */
final class Connections {
    private final LinkLimits limits;
    private final Map<String, Holder> holders = new HashMap<>();
    private int total;

    Connections(LinkLimits limits) {
        this.limits = limits;
    }

    private static final class Holder {
        private final RateLimit connects;
        private int open;

        Holder(LinkLimits limits, long nowMillis) {
            connects = new RateLimit(limits.connectsPerSecond(), limits.connectBurst(), nowMillis);
        }
    }

    synchronized int total() {
        return total;
    }

    /** Counts a carrier in. */
    synchronized void open() {
        total++;
    }

    /** Counts a carrier out, and from its key. */
    synchronized void close(@Nullable String key) {
        total--;
        release(key);
    }

    /** Counts an attempt and a carrier for a key; returns why not. */
    synchronized @Nullable Refusal connect(@Nullable String key, long nowMillis) {
        if (key == null) return null;
        Holder holder = holder(key, nowMillis);
        Refusal tooMany = tooMany(holder.connects.take(1, nowMillis));
        return tooMany == null ? hold(holder) : tooMany;
    }

    private Holder holder(String key, long nowMillis) {
        return holders.computeIfAbsent(key, _ -> new Holder(limits, nowMillis));
    }

    private static @Nullable Refusal tooMany(long waitMillis) {
        if (waitMillis == 0) return null;
        return Refusal.of(ErrorCode.RATE_LIMITED, "Too many attempts to connect.")
                .withRetryAfterMillis(waitMillis);
    }

    /** Counts a carrier that is no attempt to connect, unless there were too many of those. */
    synchronized @Nullable Refusal enter(@Nullable String key, long nowMillis) {
        Refusal spent = spent(key, nowMillis);
        if (key == null || spent != null) return spent;
        return hold(holder(key, nowMillis));
    }

    /** Whether there were too many attempts; counts none. */
    synchronized @Nullable Refusal spent(@Nullable String key, long nowMillis) {
        Holder holder = key == null ? null : holders.get(key);
        return holder == null ? null : tooMany(holder.connects.take(0, nowMillis));
    }

    /** Counts an attempt that was seen to be one afterwards. */
    synchronized void charge(@Nullable String key, long nowMillis) {
        if (key == null) return;
        long _ = holder(key, nowMillis).connects.take(1, nowMillis);
    }

    /** Counts a carrier for another key than before; returns why not, and then for none. */
    synchronized @Nullable Refusal move(
            @Nullable String from, @Nullable String to, long nowMillis) {
        release(from);
        if (to == null) return null;
        return hold(holder(to, nowMillis));
    }

    /** Forgets those who hold nothing and have been quiet. */
    synchronized void sweep(long nowMillis) {
        holders.values().removeIf(each -> each.open == 0 && each.connects.full(nowMillis));
    }

    private @Nullable Refusal hold(Holder holder) {
        if (holder.open == limits.connectionsPerKey()) {
            return Refusal.of(
                    ErrorCode.TOO_MANY_CONNECTIONS,
                    "This address or token has %d connections already."
                            .formatted(limits.connectionsPerKey()));
        }
        holder.open++;
        return null;
    }

    private void release(@Nullable String key) {
        Holder holder = key == null ? null : holders.get(key);
        if (holder != null) holder.open--;
    }
}
