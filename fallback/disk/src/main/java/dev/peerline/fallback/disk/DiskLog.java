package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Id;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A log in memory whose changes its shelf writes down. Reading is thread-safe; appending,
 * acknowledging and closing are guarded by the lock of its room.
 */
final class DiskLog implements Log {
    /** Names the log in the journal. */
    final long number;

    final String room;
    final Id id;

    /** Earlier lives: the head that each had kept, by epoch, the latest last. */
    final Map<Long, Long> lives;

    /** What the journal holds of it. Only the journal's thread touches this. */
    final Written written = new Written();

    private final MemoryLog entries;
    private final RoomShelf shelf;

    /** The state that a crash now would leave. */
    static final class Written {
        /** The segment that it was last opened in; records of older ones are not needed for it. */
        long segment = -1;

        long head;
        long acknowledged;
        Bytes note = Bytes.EMPTY;
    }

    DiskLog(long number, RoomShelf shelf, Id id, Map<Long, Long> lives, MemoryLog entries) {
        this.number = number;
        this.shelf = shelf;
        room = shelf.room();
        this.id = id;
        this.lives = new LinkedHashMap<>(lives);
        this.entries = entries;
    }

    @Override
    public long epoch() {
        return entries.epoch();
    }

    @Override
    public long head() {
        return entries.head();
    }

    @Override
    public long acknowledged() {
        return entries.acknowledged();
    }

    @Override
    public long forgotten() {
        return entries.forgotten();
    }

    @Override
    public long bytes() {
        return entries.bytes();
    }

    /** A reader of an earlier life may have been given entries that were not kept yet. */
    @Override
    public long resume(Cursor cursor) {
        Long kept = lives.get(cursor.epoch());
        return kept == null ? entries.resume(cursor) : Math.min(cursor.offset(), kept);
    }

    @Override
    public long append(LogEntry entry) {
        long offset = entries.append(entry);
        shelf.add(new Change.Append(this, offset, entry));
        return offset;
    }

    @Override
    public void read(long after, Visitor visitor) {
        entries.read(after, visitor);
    }

    @Override
    public void acknowledge(long offset) {
        long before = entries.acknowledged();
        entries.acknowledge(offset);
        long now = entries.acknowledged();
        if (now > before) shelf.add(new Change.Acknowledge(this, now));
    }

    @Override
    public Waiting await(Runnable wake) {
        return entries.await(wake);
    }

    @Override
    public void signal() {
        entries.signal();
    }

    @Override
    public void close() {
        entries.close();
        shelf.add(new Change.Close(this));
    }
}
