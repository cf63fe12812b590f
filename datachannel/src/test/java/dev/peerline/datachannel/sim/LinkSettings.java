package dev.peerline.datachannel.sim;

/**
 * One direction of a path.
 *
 * @param delayNanos one way
 * @param jitterNanos up to this much more, without overtaking
 * @param loss probability a packet, 0 to 1
 * @param duplication probability a packet
 * @param corruption probability that a bit of a packet flips
 * @param reordering probability that a packet is late by a quarter of the delay
 * @param bytesPerSecond 0 for no limit
 * @param queueBytes what waits at the bottleneck before packets are dropped
 */
public record LinkSettings(
        long delayNanos,
        long jitterNanos,
        double loss,
        double duplication,
        double corruption,
        double reordering,
        long bytesPerSecond,
        long queueBytes) {
    public static final long MILLIS = 1_000_000;

    public static LinkSettings perfect(long delayMillis) {
        return new LinkSettings(delayMillis * MILLIS, 0, 0, 0, 0, 0, 0, 0);
    }

    public LinkSettings withLoss(double probability) {
        return new LinkSettings(
                delayNanos,
                jitterNanos,
                probability,
                duplication,
                corruption,
                reordering,
                bytesPerSecond,
                queueBytes);
    }

    public LinkSettings withFaults(double duplicated, double corrupted, double reordered) {
        return new LinkSettings(
                delayNanos,
                jitterNanos,
                loss,
                duplicated,
                corrupted,
                reordered,
                bytesPerSecond,
                queueBytes);
    }

    public LinkSettings withJitter(long nanos) {
        return new LinkSettings(
                delayNanos,
                nanos,
                loss,
                duplication,
                corruption,
                reordering,
                bytesPerSecond,
                queueBytes);
    }

    public LinkSettings withBandwidth(long bytesASecond, long queuedBytes) {
        return new LinkSettings(
                delayNanos,
                jitterNanos,
                loss,
                duplication,
                corruption,
                reordering,
                bytesASecond,
                queuedBytes);
    }
}
