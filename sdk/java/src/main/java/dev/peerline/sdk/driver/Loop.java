package dev.peerline.sdk.driver;

/**
 * The one thread on which state machines are touched, and its clock. Everything may be called from
 * any thread.
 */
public interface Loop {
    /** Monotonic, from any origin. */
    long nowNanos();

    /** Runs a task soon, after all that were given before. Tasks never wait for anything. */
    void execute(Runnable task);

    /** Runs a task at a time of {@link #nowNanos}, or soon when that is past. */
    Timer at(long nanos, Runnable task);

    /** Whether the caller is on the loop's thread. */
    boolean inside();

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Timer {
        void cancel();
    }
}
