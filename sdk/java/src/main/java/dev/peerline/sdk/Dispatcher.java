package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls the listeners of one room, one after another, in the order of the events. Thread-safe; no
 * lock is held while a listener runs.
 */
final class Dispatcher {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    /** What an event weighs besides its bytes. */
    private static final int OVERHEAD_BYTES = 256;

    private final Executor executor;
    private final int maxBytes;
    private final Runnable relieved;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private final AtomicLong backlog = new AtomicLong();
    private boolean running;
    private volatile boolean congested;

    /**
     * @param executor where listeners run; null for a virtual thread that lives while there is
     *     something to tell
     * @param relieved called from any thread when the backlog has fallen to its half
     */
    Dispatcher(@Nullable Executor executor, int maxBytes, Runnable relieved) {
        this.executor =
                executor == null ? Thread.ofVirtual().name("peerline-room")::start : executor;
        this.maxBytes = maxBytes;
        this.relieved = relieved;
    }

    /** Whether so much waits for listeners that no more should come now. */
    boolean congested() {
        return congested;
    }

    /** Tells something that holds nothing. */
    void add(Runnable event) {
        boolean idle;
        synchronized (queue) {
            queue.add(event);
            idle = !running;
            running = true;
        }
        if (idle) executor.execute(this::drain);
    }

    /** So many bytes wait for a listener now. */
    void hold(int bytes) {
        if (backlog.addAndGet(bytes + OVERHEAD_BYTES) > maxBytes) congested = true;
    }

    /** They do no longer. */
    void release(int bytes) {
        long left = backlog.addAndGet(-bytes - OVERHEAD_BYTES);
        if (!congested || left > maxBytes / 2) return;
        congested = false;
        relieved.run();
    }

    private void drain() {
        for (Runnable event; (event = next()) != null; ) {
            try {
                event.run();
            } catch (RuntimeException fault) {
                LOG.log(Level.WARNING, "event=listener-failed", fault);
            }
        }
    }

    private @Nullable Runnable next() {
        synchronized (queue) {
            Runnable event = queue.poll();
            if (event == null) running = false;
            return event;
        }
    }
}
