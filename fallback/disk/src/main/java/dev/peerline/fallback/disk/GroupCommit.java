package dev.peerline.fallback.disk;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one thread that writes a journal. What came while it waited for the disk goes with the next
 * write: one wait serves all. When the disk fails, what is to be written waits, and is tried again
 * each second.
 *
 * @param <B> what is kept whole or not at all
 */
abstract class GroupCommit<B extends GroupCommit.Pending> implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(GroupCommit.class.getName());

    /** One write takes no further batch from here on. */
    static final int WRITE_BYTES = 4 * 1024 * 1024;

    /** More than this waits only when the disk is far too slow, or full. */
    static final long MAX_WAITING_BYTES = 64L * 1024 * 1024;

    /** What can wait, and a disk that failed, wait for so long. */
    private static final long PAUSE_MILLIS = 1_000;

    private static final long CLOSE_MILLIS = 5_000;

    private final Journal journal;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by the lock, like the next three. */
    private final ArrayDeque<B> waiting = new ArrayDeque<>();

    private long waitingBytes;
    private boolean urgent;
    private boolean closing;

    private volatile @Nullable String failure;
    private volatile @Nullable Thread thread;

    /** What is to be written. */
    interface Pending {
        /** What it takes in memory while it waits, roughly. */
        long bytes();

        /** Whether nobody is kept waiting by it. */
        boolean canWait();
    }

    GroupCommit(Journal journal) {
        this.journal = journal;
    }

    /** Encodes batches as records. On the thread, like the next two. */
    abstract ByteBuffer encode(List<B> batches);

    /** They are on the disk. */
    abstract void kept(List<B> batches);

    /** Begins another segment when this one is long, and lets go of the oldest. */
    abstract void tidy();

    /** To be called at the end of the constructor. */
    final void start(String name) {
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Why nothing can be written at present, as a sentence; null when all is well. */
    final @Nullable String trouble() {
        String problem = failure;
        if (problem != null) return problem;
        lock.lock();
        try {
            return waitingBytes > MAX_WAITING_BYTES ? "The disk is too slow." : null;
        } finally {
            lock.unlock();
        }
    }

    /** Hands over what is to be written. */
    final void hand(B batch) {
        lock.lock();
        try {
            waiting.add(batch);
            waitingBytes += batch.bytes();
            if (batch.canWait()) return;
            urgent = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public final void close() {
        lock.lock();
        try {
            closing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        Thread writing = thread;
        if (writing == null) return;
        try {
            if (!writing.join(Duration.ofMillis(CLOSE_MILLIS))) {
                LOGGER.log(System.Logger.Level.ERROR, "event=journal-not-written");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (journal) {
            for (List<B> batches = next(); !batches.isEmpty(); batches = next()) {
                if (!write(batches)) return;
                kept(batches);
                tidy();
            }
        } catch (IOException problem) {
            LOGGER.log(System.Logger.Level.ERROR, "event=journal-not-closed", problem);
        }
    }

    /** What is to be written next; nothing at the end. */
    private List<B> next() {
        List<B> batches = new ArrayList<>();
        lock.lock();
        try {
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            while (!urgent && !closing && (waiting.isEmpty() || pauseNanos > 0)) {
                if (waiting.isEmpty()) changed.await();
                else pauseNanos = changed.awaitNanos(pauseNanos);
            }
            long bytes = 0;
            while (!waiting.isEmpty() && bytes < WRITE_BYTES) {
                B batch = waiting.remove();
                bytes += batch.bytes();
                batches.add(batch);
            }
            waitingBytes -= bytes;
            urgent = !waiting.isEmpty();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return batches;
    }

    /** Tries until it is done; returns false when the end comes first. */
    private boolean write(List<B> batches) {
        ByteBuffer records = encode(batches);
        while (true) {
            try {
                journal.append(records);
                if (failure != null) LOGGER.log(System.Logger.Level.INFO, "event=journal-mended");
                failure = null;
                return true;
            } catch (IOException problem) {
                if (failure == null) {
                    LOGGER.log(System.Logger.Level.ERROR, "event=journal-failed", problem);
                }
                failure = "The server cannot write to its disk: " + problem.getMessage();
                if (pause()) return false;
            }
        }
    }

    /** Returns whether the end has come. */
    private boolean pause() {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            while (!closing && nanos > 0) nanos = changed.awaitNanos(nanos);
            return closing;
        } catch (InterruptedException _) {
            return true;
        } finally {
            lock.unlock();
        }
    }
}
