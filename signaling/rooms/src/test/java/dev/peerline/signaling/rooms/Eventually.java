package dev.peerline.signaling.rooms;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do. */
final class Eventually {
    private static final long PATIENCE_SECONDS = 30;
    private static final long LOOK_AGAIN_NANOS = 2_000_000;

    private Eventually() {}

    /** Returns when it is so, and fails when it is not within half a minute. */
    static void until(String what, BooleanSupplier isSo) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("in vain: " + what);
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }
}
