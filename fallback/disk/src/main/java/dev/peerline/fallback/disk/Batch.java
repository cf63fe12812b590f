package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;

import java.util.ArrayList;
import java.util.List;

/** The changes between two commits: one record of the journal. Thread-safe. */
final class Batch implements Commit, GroupCommit.Pending {
    final List<Change> changes;

    private final long bytes;

    private final List<Runnable> tasks = new ArrayList<>(1);
    private boolean kept;

    Batch(List<Change> changes) {
        this.changes = changes;
        long sum = 0;
        for (Change change : changes) {
            sum += change instanceof Change.Append append ? append.entry().length() + 64 : 64;
        }
        bytes = sum;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** An acknowledgement that is lost is given again. */
    @Override
    public boolean canWait() {
        return changes.stream().allMatch(Change.Acknowledge.class::isInstance);
    }

    @Override
    public void whenKept(Runnable task) {
        synchronized (this) {
            if (!kept) {
                tasks.add(task);
                return;
            }
        }
        task.run();
    }

    @Override
    public synchronized boolean isKept() {
        return kept;
    }

    void kept() {
        List<Runnable> due;
        synchronized (this) {
            kept = true;
            due = List.copyOf(tasks);
            tasks.clear();
        }
        for (Runnable task : due) task.run();
    }
}
