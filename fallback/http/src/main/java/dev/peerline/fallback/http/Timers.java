package dev.peerline.fallback.http;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The one timer thread of all carriers. What it runs must not block. Thread-safe. */
final class Timers implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Timers.class.getName());

    private static final long SWEEP_MILLIS = 100;

    /**
     * Acknowledgements that are due are looked for this often while there are any: one wake-up of
     * this thread serves all sessions.
     */
    private static final long ACK_TICK_MILLIS = 8;

    private final ScheduledThreadPoolExecutor executor;
    private final Queue<Due> acknowledgements = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean ticking = new AtomicBoolean();

    private record Due(DuplexCarrier carrier, long atNanos) {}

    /**
     * @param sweep runs a few times a second
     */
    Timers(Runnable sweep) {
        executor =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("peerline-link-timer").factory());
        var _ =
                executor.scheduleWithFixedDelay(
                        () -> guarded(sweep), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    void later(Runnable task, long delayMillis) {
        try {
            var _ = executor.schedule(() -> guarded(task), delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // Closed: there is nothing left to be late for.
        }
    }

    /** Lets a carrier write its acknowledgement after a while. All wait equally long: a queue. */
    void acknowledge(DuplexCarrier carrier, long delayMillis) {
        long atNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
        acknowledgements.add(new Due(carrier, atNanos));
        if (ticking.compareAndSet(false, true)) later(this::tick, delayMillis);
    }

    private void tick() {
        long now = System.nanoTime();
        for (Due next = acknowledgements.peek(); next != null && next.atNanos - now <= 0; ) {
            acknowledgements.remove();
            next.carrier.acknowledge();
            next = acknowledgements.peek();
        }
        if (!acknowledgements.isEmpty()) {
            later(this::tick, ACK_TICK_MILLIS);
            return;
        }
        ticking.set(false);
        // One may have come between the look and the word.
        if (!acknowledgements.isEmpty() && ticking.compareAndSet(false, true)) {
            later(this::tick, ACK_TICK_MILLIS);
        }
    }

    /** A fault in one task must not end the others: a periodic task that throws runs no more. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=timer-task-failed", fault);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
