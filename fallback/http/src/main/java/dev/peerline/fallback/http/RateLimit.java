package dev.peerline.fallback.http;

/** A token bucket: so much on average, so much at once. Not thread-safe. */
final class RateLimit {
    private final double perMilli;
    private final double burst;
    private double left;
    private long filledMillis;

    RateLimit(int perSecond, int burst, long nowMillis) {
        this.perMilli = perSecond / 1000.0;
        this.burst = burst;
        this.left = burst;
        this.filledMillis = nowMillis;
    }

    /** Takes so much, a burst below nothing at most; returns the ms until there is some again. */
    long take(int amount, long nowMillis) {
        fill(nowMillis);
        left = Math.max(left - amount, -burst);
        return left >= 0 ? 0 : (long) Math.ceil(-left / perMilli);
    }

    /** Whether nothing was taken for long. */
    boolean full(long nowMillis) {
        fill(nowMillis);
        return left >= burst;
    }

    private void fill(long nowMillis) {
        left = Math.min(burst, left + (nowMillis - filledMillis) * perMilli);
        filledMillis = nowMillis;
    }
}
