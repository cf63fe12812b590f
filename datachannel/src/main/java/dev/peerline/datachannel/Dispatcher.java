package dev.peerline.datachannel;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the listeners of one connection on its executor: one at a time, in order. Thread-safe,
 * without a lock: whoever finds nobody at work asks the executor, whoever comes meanwhile leaves a
 * task and goes.
 */
final class Dispatcher {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    private final Executor executor;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong backlogBytes = new AtomicLong();

    Dispatcher(Executor executor) {
        this.executor = executor;
    }

    /** Bytes of messages that no listener has taken. */
    long backlogBytes() {
        return backlogBytes.get();
    }

    /** Runs a task after those before it. */
    void dispatch(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() > 0) return;
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException refused) {
            tasks.clear();
            waiting.set(0);
            LOG.log(Level.DEBUG, "the callback executor takes no more: " + refused);
        }
    }

    /** The same, for a message; {@code taken} is run afterwards. */
    void dispatch(int bytes, Runnable task, Runnable taken) {
        backlogBytes.addAndGet(bytes);
        dispatch(
                () -> {
                    try {
                        task.run();
                    } finally {
                        backlogBytes.addAndGet(-bytes);
                        taken.run();
                    }
                });
    }

    private void run() {
        do {
            Runnable task = tasks.poll();
            if (task == null) continue;
            try {
                task.run();
            } catch (RuntimeException | AssertionError problem) {
                LOG.log(Level.WARNING, "a listener failed: " + problem, problem);
            }
        } while (waiting.decrementAndGet() > 0);
    }

    /**
     * Runs a task on the executor, apart from the order: what completes a future must get through
     * while a listener waits for it.
     */
    void apart(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException refused) {
            LOG.log(Level.DEBUG, "the callback executor takes no more: " + refused);
        }
    }
}
