package dev.peerline.sdk.driver;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The loop of this process: one platform daemon thread, {@code peerline-sdk}, however many rooms.
 * It is started by the first room, and ends when there was nothing to do for a while.
 */
public final class EventLoop implements Loop {
    public static final EventLoop SHARED = new EventLoop();

    private static final Logger LOG = System.getLogger(EventLoop.class.getName());
    private static final long IDLE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor executor;
    private volatile Thread thread = Thread.currentThread();

    private EventLoop() {
        executor = new ScheduledThreadPoolExecutor(1, this::thread);
        executor.setRemoveOnCancelPolicy(true);
        executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable work) {
        Thread fresh = Thread.ofPlatform().daemon().name("peerline-sdk").unstarted(work);
        thread = fresh;
        return fresh;
    }

    @Override
    public long nowNanos() {
        return System.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    @Override
    public Timer at(long nanos, Runnable task) {
        long wait = Math.max(nanos - nowNanos(), 0);
        Future<?> future = executor.schedule(() -> run(task), wait, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public boolean inside() {
        return Thread.currentThread() == thread;
    }

    /** What the executor would keep to itself is told. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException fault) {
            LOG.log(Level.ERROR, "event=fault", fault);
        }
    }
}
