package dev.peerline.server.relay;

import dev.peerline.turn.RelayServer;

import java.time.Duration;

/** Waiting for the clients of a relay to go. */
final class RelayDrain {
    /** A process that goes down may look so often. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private RelayDrain() {}

    /**
     * Returns when no allocation is left, or time is up.
     *
     * @return how many are left
     */
    static int await(RelayServer relay, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        int left = relay.metrics().allocations();
        while (left > 0 && System.nanoTime() - end < 0) {
            Thread.sleep(LOOK);
            left = relay.metrics().allocations();
        }
        return left;
    }
}
