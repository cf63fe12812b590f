package dev.peerline.sdk;

import dev.peerline.fallback.link.pair.PairLimits;

/**
 * What one room may hold.
 *
 * @param messageBytes one message; 1 MiB by default, and at most, as receivers allow no more
 * @param queueBytes all that is sent and not acknowledged; 8 MiB by default
 * @param backlogBytes what waits for slow listeners before others are made to wait; 1 MiB by
 *     default
 * @param channels named channels; 1,024 by default
 */
public record Limits(int messageBytes, int queueBytes, int backlogBytes, int channels) {
    public static final Limits DEFAULT = new Limits(1 << 20, 8 << 20, 1 << 20, 1_024);

    public Limits {
        check("messageBytes", messageBytes, 1 << 20);
        check("queueBytes", queueBytes, 1 << 30);
        check("backlogBytes", backlogBytes, 1 << 30);
        check("channels", channels, 1 << 16);
    }

    private static void check(String name, int value, int most) {
        if (value >= 1 && value <= most) return;
        throw PeerlineException.badArgument(
                "%s: must be 1 to %d, not %d".formatted(name, most, value));
    }

    PairLimits pair() {
        PairLimits base = PairLimits.DEFAULT;
        return new PairLimits(
                messageBytes,
                queueBytes,
                base.awayBytes(),
                base.silence(),
                base.directWindowBytes(),
                base.sessionWindowBytes(),
                base.fragmentBytes(),
                base.packetBytes(),
                base.ackDelay(),
                base.ackBytes(),
                base.looseFrames(),
                base.departedMembers());
    }
}
