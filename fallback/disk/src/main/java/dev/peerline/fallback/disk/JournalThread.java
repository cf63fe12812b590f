package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one thread that writes. What came while it waited for the disk goes with the next write: one
 * wait serves all. When the disk fails, what is to be written waits, and is tried again each
 * second.
 */
final class JournalThread implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(JournalThread.class.getName());

    /** One write takes no further batch from here on. */
    private static final int WRITE_BYTES = 4 * 1024 * 1024;

    /** More than this waits only when the disk is far too slow, or full. */
    static final long MAX_WAITING_BYTES = 64L * 1024 * 1024;

    /** Acknowledgements alone, and a disk that failed, wait for so long. */
    private static final long PAUSE_MILLIS = 1_000;

    private static final long CLOSE_MILLIS = 5_000;

    static final long SEGMENT_BYTES = 16L * 1024 * 1024;

    /** The journal is written anew, bit by bit, when it is larger than this, … */
    private static final long SMALL_BYTES = 64L * 1024 * 1024;

    /** … and than this many times what it has to keep. */
    private static final int GARBAGE_FACTOR = 3;

    private final Journal journal;
    private final Budget budget;
    private final Set<DiskLog> logs = new HashSet<>();
    private final RecordWriter writer = new RecordWriter();
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by the lock, like the next three. */
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();

    private long waitingBytes;
    private boolean urgent;
    private boolean closing;

    private volatile @Nullable String failure;

    /** Writes the state that was found as the beginning of a journal without history. */
    JournalThread(Journal journal, Budget budget, List<DiskLog> found) throws IOException {
        this.journal = journal;
        this.budget = budget;
        logs.addAll(found);
        writeAnew(found);
        journal.forgetBelow(journal.number());
        thread = Thread.ofPlatform().daemon().name("peerline-journal").start(this::run);
    }

    @Nullable String trouble() {
        String problem = failure;
        if (problem != null) return problem;
        lock.lock();
        try {
            return waitingBytes > MAX_WAITING_BYTES ? "The disk is too slow." : null;
        } finally {
            lock.unlock();
        }
    }

    void hand(Batch batch) {
        lock.lock();
        try {
            waiting.add(batch);
            waitingBytes += batch.bytes;
            if (batch.canWait()) return;
            urgent = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
                LOGGER.log(System.Logger.Level.ERROR, "event=journal-not-written");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (journal) {
            for (List<Batch> batches = next(); !batches.isEmpty(); batches = next()) {
                if (!write(batches)) return;
                for (Batch batch : batches) {
                    for (Change change : batch.changes) apply(change);
                    batch.kept();
                }
                tidy();
            }
        } catch (IOException problem) {
            LOGGER.log(System.Logger.Level.ERROR, "event=journal-not-closed", problem);
        }
    }

    /** What is to be written next; nothing at the end. */
    private List<Batch> next() {
        List<Batch> batches = new ArrayList<>();
        lock.lock();
        try {
            long pauseNanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
            while (!urgent && !closing && (waiting.isEmpty() || pauseNanos > 0)) {
                if (waiting.isEmpty()) changed.await();
                else pauseNanos = changed.awaitNanos(pauseNanos);
            }
            long bytes = 0;
            while (!waiting.isEmpty() && bytes < WRITE_BYTES) {
                Batch batch = waiting.remove();
                bytes += batch.bytes;
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
    private boolean write(List<Batch> batches) {
        writer.clear();
        for (Batch batch : batches) {
            writer.begin();
            for (Change change : batch.changes) writer.change(change);
            writer.end();
        }
        while (true) {
            try {
                journal.append(writer.buffer());
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

    private void apply(Change change) {
        DiskLog.Written written = change.log().written;
        switch (change) {
            case Change.Open(DiskLog log) -> {
                written.segment = journal.number();
                logs.add(log);
            }
            case Change.Append(DiskLog _, long offset, var _) -> written.head = offset;
            case Change.Acknowledge(DiskLog _, long offset) -> written.acknowledged = offset;
            case Change.Note(DiskLog _, Bytes session) -> written.note = session;
            case Change.Close(DiskLog log) -> logs.remove(log);
        }
    }

    /** Begins another segment when this one is long, and lets go of the oldest that say little. */
    private void tidy() {
        try {
            if (journal.lastBytes() >= SEGMENT_BYTES) journal.roll();
            while (journal.bytes() > Math.max(SMALL_BYTES, GARBAGE_FACTOR * budget.used())
                    && journal.oldest() < journal.number()) {
                long oldest = journal.oldest();
                writeAnew(logs.stream().filter(log -> log.written.segment == oldest).toList());
                journal.forgetBelow(oldest + 1);
            }
        } catch (IOException problem) {
            // The journal is longer than it need be; what it says is right.
            LOGGER.log(System.Logger.Level.WARNING, "event=journal-not-tidied", problem);
        }
    }

    private void writeAnew(List<DiskLog> list) throws IOException {
        writer.clear();
        for (DiskLog log : list) {
            writer.begin();
            writer.anew(log);
            writer.end();
            if (writer.size() >= WRITE_BYTES) flush();
        }
        flush();
        // Not before: an older segment must stay until the last of it stands elsewhere.
        for (DiskLog log : list) log.written.segment = journal.number();
    }

    private void flush() throws IOException {
        journal.append(writer.buffer());
        writer.clear();
    }
}
