package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * How a message is sent.
 *
 * @param reliability exactly once unless it says otherwise
 * @param ttl what is not delivered by then is given up and counts as missed; null for never
 */
public record SendOptions(Reliability reliability, @Nullable Duration ttl) {
    public static final SendOptions DEFAULT = new SendOptions(Reliability.EXACTLY_ONCE, null);

    /** Sent once: may be lost, is never delivered twice, has no order and no receipt. */
    public static final SendOptions UNRELIABLE = new SendOptions(Reliability.UNRELIABLE, null);

    /** What is promised of a message. */
    public enum Reliability {
        EXACTLY_ONCE,
        /** At most 16 KiB. */
        UNRELIABLE
    }

    public SendOptions {
        if (ttl != null && (ttl.isNegative() || ttl.isZero())) {
            throw PeerlineException.badArgument("ttl: must be more than 0, not " + ttl);
        }
    }

    public SendOptions withTtl(Duration time) {
        return new SendOptions(reliability, time);
    }
}
