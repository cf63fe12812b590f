package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Id;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What sessions use whose requests come one by one, so that their limits are those of a carrier
 * that stays; and how many poll. Thread-safe: one lock a session.
 */
final class Meters {
    /** A request costs the server what a few frames do. */
    static final int REQUEST_FRAMES = 8;

    /**
     * Polls a second that a server answers without much ado; beyond it they are advised to wait.
     */
    private static final int POLLS_PER_SECOND = 1_000;

    /** Advised to wait longer, a poller would be taken for away: docs/protocol.md, section 6. */
    private static final long MAX_POLL_AFTER_MILLIS = 5_000;

    private static final long SWEEP_MILLIS = 1_000;

    /** Who has not polled for this long does so no more. */
    private static final long POLLER_MILLIS = 15_000;

    private final LinkLimits limits;
    private final Map<Id, Meter> meters = new ConcurrentHashMap<>();
    private volatile int pollers;
    private long sweptMillis;

    private static final class Meter {
        private final RateLimit frames;
        private final RateLimit bytes;
        private long polledMillis;

        Meter(LinkLimits limits, long nowMillis) {
            frames = new RateLimit(limits.framesPerSecond(), limits.frameBurst(), nowMillis);
            bytes = new RateLimit(limits.bytesPerSecond(), limits.byteBurst(), nowMillis);
        }
    }

    Meters(LinkLimits limits) {
        this.limits = limits;
    }

    /** How long a session has to wait, in ms; 0 for one that is within its limits, or new. */
    long waitMillis(Id id, long nowMillis) {
        Meter meter = meters.get(id);
        if (meter == null) return 0;
        synchronized (meter) {
            long frames = meter.frames.take(0, nowMillis);
            return Math.max(frames, meter.bytes.take(0, nowMillis));
        }
    }

    /** Counts a POST of a session that is here. */
    void posted(Id id, int frames, int bytes, long nowMillis) {
        Meter meter = meter(id, nowMillis);
        synchronized (meter) {
            long _ = meter.frames.take(REQUEST_FRAMES + frames, nowMillis);
            long _ = meter.bytes.take(bytes, nowMillis);
        }
    }

    /** Counts a way down of a session that is here. */
    void reads(Id id, CarrierKind kind, long nowMillis) {
        Meter meter = meter(id, nowMillis);
        synchronized (meter) {
            long _ = meter.frames.take(REQUEST_FRAMES, nowMillis);
            if (kind == CarrierKind.POLL) meter.polledMillis = nowMillis;
        }
    }

    private Meter meter(Id id, long nowMillis) {
        return meters.computeIfAbsent(id, _ -> new Meter(limits, nowMillis));
    }

    /** When a poller should ask again, in ms: the longer, the more there are. */
    long pollAfterMillis() {
        long base = limits.pollAfter().toMillis();
        long fair = pollers * 1_000L / POLLS_PER_SECOND;
        return Math.clamp(fair, base, Math.max(base, MAX_POLL_AFTER_MILLIS));
    }

    /** Counts the pollers, and forgets those who have been quiet. Called by one thread. */
    void sweep(long nowMillis) {
        if (nowMillis - sweptMillis < SWEEP_MILLIS) return;
        sweptMillis = nowMillis;
        int polling = 0;
        for (var each = meters.values().iterator(); each.hasNext(); ) {
            Meter meter = each.next();
            synchronized (meter) {
                boolean polled =
                        meter.polledMillis > 0 && nowMillis - meter.polledMillis < POLLER_MILLIS;
                if (polled) polling++;
                boolean full = meter.frames.full(nowMillis) && meter.bytes.full(nowMillis);
                if (full && !polled) each.remove();
            }
        }
        pollers = polling;
    }
}
