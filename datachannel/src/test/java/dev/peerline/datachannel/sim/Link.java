package dev.peerline.datachannel.sim;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** One direction of a path; several flows may share it. */
public final class Link {
    /** Takes a packet that leaves the link at a time. */
    public interface Exit {
        void at(long nanos, byte[] packet);
    }

    private LinkSettings settings;
    private final SplittableRandom random;
    private long busyUntil;
    private long lastArrival;
    private boolean cut;
    private Predicate<byte[]> drops = packet -> false;
    private long packets;
    private long bytes;
    private long dropped;
    private int cuts;

    Link(LinkSettings settings, SplittableRandom random) {
        this.settings = settings;
        this.random = random;
    }

    public void settings(LinkSettings changed) {
        settings = changed;
    }

    /** Nothing gets through until it is healed. */
    public void cut(boolean broken) {
        if (broken) cuts++;
        cut = broken;
    }

    /**
     * Packets wait in the queue until then, and leave at the link's rate: a radio changes cells.
     */
    public void holdUntil(long nanos) {
        busyUntil = Math.max(busyUntil, nanos);
    }

    /** Loses exactly the packets that the predicate wants. */
    public void dropIf(Predicate<byte[]> predicate) {
        drops = predicate;
    }

    public long packets() {
        return packets;
    }

    public long bytes() {
        return bytes;
    }

    /** Because the queue was full. */
    public long dropped() {
        return dropped;
    }

    /** How often it was cut. */
    public int cuts() {
        return cuts;
    }

    void send(byte[] buffer, int length, long now, Exit exit) {
        packets++;
        bytes += length;
        if (cut || drops.test(Arrays.copyOf(buffer, length))) return;
        long departs = now;
        if (settings.bytesPerSecond() > 0) {
            long start = Math.max(now, busyUntil);
            double waiting = (start - now) * (settings.bytesPerSecond() / 1e9);
            if (waiting + length > settings.queueBytes()) {
                dropped++;
                return;
            }
            busyUntil = start + length * 1_000_000_000L / settings.bytesPerSecond();
            departs = busyUntil;
        }
        if (happens(settings.loss())) return;
        byte[] packet = Arrays.copyOf(buffer, length);
        if (happens(settings.corruption()))
            packet[random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
        long arrives = departs + settings.delayNanos();
        if (settings.jitterNanos() > 0) arrives += random.nextLong(settings.jitterNanos());
        if (happens(settings.reordering())) {
            arrives += Math.max(1, settings.delayNanos() / 4);
        } else {
            arrives = Math.max(arrives, lastArrival);
            lastArrival = arrives;
        }
        exit.at(arrives, packet);
        if (happens(settings.duplication())) exit.at(arrives, packet.clone());
    }

    private boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
