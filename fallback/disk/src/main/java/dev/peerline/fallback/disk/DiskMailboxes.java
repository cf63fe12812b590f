package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.Mailboxes;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Mailboxes that survive the process, and the machine as far as its disk keeps what it was told to.
 * Thread-safe; nothing here waits for the disk but {@link #open} and {@link #close}.
 */
public final class DiskMailboxes implements Mailboxes {
    /** Earlier lives of a log whose cursors are still understood. */
    private static final int MAX_LIVES = 16;

    private final LogLimits limits;
    private final LongSupplier epochs;
    private final JournalThread thread;
    private final AtomicLong numbers;
    private final List<KeptRoom> kept;

    private DiskMailboxes(Journal journal, Replay replay, LogLimits limits, LongSupplier epochs)
            throws IOException {
        this.limits = limits;
        this.epochs = epochs;
        numbers = new AtomicLong(replay.highestNumber());
        Map<String, KeptRoom> rooms = new LinkedHashMap<>();
        List<DiskLog> logs = new ArrayList<>();
        for (Replay.Former former : replay.logs()) {
            KeptRoom room = rooms.computeIfAbsent(former.room, this::keptRoom);
            DiskLog log = restore(former, (RoomShelf) room.shelf());
            logs.add(log);
            room.seats().add(new KeptSeat(former.id, log, former.note));
        }
        kept = List.copyOf(rooms.values());
        thread = new JournalThread(journal, limits.budget(), logs);
    }

    /**
     * Reads what an earlier server left in a directory, which is made if need be and locked.
     *
     * @param epochs gives another number each time, 0 … 2^53−1, that nobody can foretell
     * @throws IOException a sentence that says what is wrong and what to do
     */
    public static DiskMailboxes open(Path directory, LogLimits limits, LongSupplier epochs)
            throws IOException {
        Replay replay = new Replay();
        Journal journal = Journal.open(directory, replay);
        try {
            return new DiskMailboxes(journal, replay, limits, epochs);
        } catch (IOException problem) {
            journal.close();
            throw problem;
        }
    }

    @Override
    public Shelf shelf(String room) {
        return new RoomShelf(this, room);
    }

    private KeptRoom keptRoom(String name) {
        return new KeptRoom(name, new RoomShelf(this, name), new ArrayList<>());
    }

    @Override
    public List<KeptRoom> kept() {
        return kept;
    }

    @Override
    public @Nullable String trouble() {
        return thread.trouble();
    }

    /** Writes what was handed over, and ends; at the latest after 5 s. */
    @Override
    public void close() {
        thread.close();
    }

    DiskLog create(RoomShelf shelf, Id id) {
        MemoryLog entries = new MemoryLog(epochs.getAsLong(), limits);
        return new DiskLog(numbers.incrementAndGet(), shelf, id, Map.of(), entries);
    }

    void hand(Batch batch) {
        thread.hand(batch);
    }

    /** A log goes on where its last life ended, as another life. */
    private DiskLog restore(Replay.Former former, RoomShelf shelf) {
        Map<Long, Long> lives = new LinkedHashMap<>(former.lives);
        lives.put(former.epoch, former.head());
        while (lives.size() > MAX_LIVES) lives.remove(lives.keySet().iterator().next());
        MemoryLog entries = new MemoryLog(epochs.getAsLong(), limits, former.base);
        former.entries.forEach(entries::append);
        DiskLog log = new DiskLog(numbers.incrementAndGet(), shelf, former.id, lives, entries);
        log.written.head = entries.head();
        log.written.acknowledged = former.base;
        log.written.note = former.note;
        return log;
    }
}
