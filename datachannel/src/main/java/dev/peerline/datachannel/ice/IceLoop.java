package dev.peerline.datachannel.ice;

import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpReceiver;
import dev.peerline.net.udp.UdpSocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread of any number of ports: reads their sockets, runs tasks and timers, and calls the
 * listeners of their sessions. {@link #execute}, {@link #schedule} and {@link #close} are
 * thread-safe. What runs here must not wait.
 */
public final class IceLoop implements AutoCloseable {
    private static final Logger LOG = System.getLogger(IceLoop.class.getName());
    private static final long LONGEST_WAIT_NANOS = 10_000_000_000L;

    /** A loop that takes so long for a task is no more. */
    private static final long BIND_SECONDS = 60;

    /** Tasks and timers before sockets are read again. */
    private static final int MAX_TURN = 4096;

    private final UdpDriver driver;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Object gate = new Object();
    private final UdpReceiver receiver = this::received;
    private final Queue<Runnable> afterRead = new ArrayDeque<>();
    private volatile boolean closing;
    private boolean driverClosed;
    private long timerCount;
    private @Nullable TcpReadiness readiness;

    /** Something to be done once, later. Cancelled on the loop's thread, or by a task there. */
    public static final class Timer implements Comparable<Timer> {
        private final long dueNanos;
        private final long number;
        private volatile @Nullable Runnable task;

        private Timer(long dueNanos, long number, Runnable task) {
            this.dueNanos = dueNanos;
            this.number = number;
            this.task = task;
        }

        /** Any thread may cancel; what runs at this moment ends. */
        public void cancel() {
            task = null; // it may hold much, and the timer stays until it is due
        }

        long dueNanos() {
            return dueNanos;
        }

        @Override
        public int compareTo(Timer other) {
            long apart = dueNanos - other.dueNanos;
            return apart != 0 ? Long.signum(apart) : Long.compare(number, other.number);
        }
    }

    /** What a socket of this loop is for; its {@link UdpSocket#owner}. */
    interface Inlet {
        void received(UdpSocket socket, UdpReceived run);
    }

    private IceLoop(UdpDriver driver, String name) {
        this.driver = driver;
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /**
     * Starts a loop of its own.
     *
     * @param nativeCalls batched system calls where there are any (Linux)
     */
    public static IceLoop open(String name, boolean nativeCalls) throws IOException {
        IceLoop loop = new IceLoop(UdpDriver.open(nativeCalls), name);
        loop.thread.start();
        return loop;
    }

    /** One loop for all who need none of their own; it is never closed. */
    public static IceLoop shared() {
        return Shared.LOOP;
    }

    private static final class Shared {
        private static final IceLoop LOOP = start();

        private static IceLoop start() {
            try {
                return open("peerline-ice", true);
            } catch (IOException e) {
                throw new UncheckedIOException("No selector to be had: " + e, e);
            }
        }
    }

    /** The clock of {@link #schedule}. */
    public static long nowNanos() {
        return System.nanoTime();
    }

    /** Whether the caller is on this loop's thread. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Runs this on the loop's thread, after what is waiting there. After close nothing runs. */
    public void execute(Runnable task) {
        tasks.add(task);
        if (!isCurrent()) wake();
    }

    /**
     * Runs this when what was sent has left, the sockets were read, and what waits by then is done.
     * On the loop's thread.
     */
    public void executeAfterRead(Runnable task) {
        afterRead.add(task);
    }

    /** Runs this on the loop's thread {@code delayNanos} from now, a millisecond late at most. */
    public Timer schedule(long delayNanos, Runnable task) {
        return scheduleAt(nowNanos() + Math.max(0, delayNanos), task);
    }

    /** As {@link #schedule}, at a time of {@link #nowNanos}. */
    public Timer scheduleAt(long dueNanos, Runnable task) {
        if (isCurrent()) return add(new Timer(dueNanos, timerCount++, task));
        Timer timer = new Timer(dueNanos, Long.MAX_VALUE, task);
        execute(() -> add(timer));
        return timer;
    }

    private Timer add(Timer timer) {
        timers.add(timer);
        return timer;
    }

    UdpDriver driver() {
        return driver;
    }

    /** Binds from any thread. */
    UdpSocket bind(UdpOptions options, Inlet inlet) throws IOException {
        if (isCurrent()) return bindHere(options, inlet);
        CompletableFuture<UdpSocket> bound = new CompletableFuture<>();
        execute(
                () -> {
                    try {
                        bound.complete(bindHere(options, inlet));
                    } catch (IOException | RuntimeException e) {
                        bound.completeExceptionally(e);
                    }
                });
        if (closing) throw new IOException("loop: closed");
        try {
            return bound.orTimeout(BIND_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) throw cause;
            if (e.getCause() instanceof TimeoutException)
                throw new IOException("loop: closed, or held up by a task that waits", e);
            throw e;
        }
    }

    private UdpSocket bindHere(UdpOptions options, Inlet inlet) throws IOException {
        UdpSocket socket = driver.bind(options);
        socket.owner(inlet);
        return socket;
    }

    /** Who waits for TCP connections; on the loop's thread. The first call starts a thread. */
    TcpReadiness readiness() {
        TcpReadiness it = readiness;
        if (it == null) {
            it = new TcpReadiness(this, thread.getName() + "-tcp");
            readiness = it;
        }
        return it;
    }

    private void wake() {
        if (!woken.compareAndSet(false, true)) return;
        synchronized (gate) {
            if (!driverClosed) driver.wakeup();
        }
    }

    private void run() {
        try {
            while (!closing) {
                driver.poll(receiver, untilNext());
                woken.set(false);
                tasks.addAll(afterRead);
                afterRead.clear();
                runTasks();
                runTimers();
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "loop=" + thread.getName() + " ended: " + e, e);
        } finally {
            closing = true;
            if (readiness != null) readiness.close();
            synchronized (gate) {
                driverClosed = true;
                driver.close();
            }
        }
    }

    private long untilNext() {
        if (!tasks.isEmpty() || !afterRead.isEmpty()) return 0;
        Timer next = timers.peek();
        if (next == null) return LONGEST_WAIT_NANOS;
        return Math.clamp(next.dueNanos - nowNanos(), 0, LONGEST_WAIT_NANOS);
    }

    private void runTasks() {
        for (int i = 0; i < MAX_TURN; i++) {
            Runnable task = tasks.poll();
            if (task == null) return;
            guarded(task);
        }
    }

    private void runTimers() {
        if (timers.isEmpty()) return;
        long now = nowNanos();
        for (int i = 0; i < MAX_TURN; i++) {
            Timer next = timers.peek();
            if (next == null || next.dueNanos - now > 0) return;
            timers.poll();
            Runnable task = next.task;
            if (task != null) guarded(task);
        }
    }

    private void received(UdpSocket socket, UdpReceived run) {
        if (!(socket.owner() instanceof Inlet inlet)) return;
        try {
            inlet.received(socket, run);
        } catch (RuntimeException | AssertionError e) {
            LOG.log(Level.ERROR, "A listener failed: " + e, e);
        }
    }

    /** A listener that fails ends neither the loop nor the others. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            LOG.log(Level.ERROR, "A task or listener failed: " + e, e);
        }
    }

    /** Ends the thread and closes all sockets; sessions fall silent. Waits for the thread. */
    @Override
    public void close() {
        execute(() -> closing = true);
        if (isCurrent()) return;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
