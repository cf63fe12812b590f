package dev.peerline.fallback.link.simulation;

import dev.peerline.fallback.link.wire.Bytes;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One way of a carrier: in order, with a delay; dies with what is under way, or swallows all. */
final class OneWay {
    private final VirtualClock clock;
    private final LongSupplier delay;
    private final Consumer<Bytes> deliver;
    private boolean dead;
    private long lastArrival;

    OneWay(VirtualClock clock, LongSupplier delay, Consumer<Bytes> deliver) {
        this.clock = clock;
        this.delay = delay;
        this.deliver = deliver;
    }

    void send(Bytes packet) {
        if (dead) return;
        lastArrival = Math.max(lastArrival, clock.now() + delay.getAsLong());
        clock.after(
                lastArrival - clock.now(),
                () -> {
                    if (!dead) deliver.accept(packet);
                });
    }

    /** With its tail. The sender is not told. */
    void die() {
        dead = true;
    }
}
