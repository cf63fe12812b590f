package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.topic.HeldLog;
import dev.peerline.fallback.link.topic.HeldTopics;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicMessage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Topics that survive the process. A message is on the disk before its publisher is told and before
 * anybody reads it, so ids and cursors are the same after a restart. Thread-safe; nothing here
 * waits for the disk but {@link #open} and {@link #close}.
 */
public final class DiskTopics extends HeldTopics {
    private final TopicJournal journal;

    private DiskTopics(Journal journal, TopicRecords records, long epoch, TopicLimits limits)
            throws IOException {
        super(epoch, limits);
        restoreBase(records.base());
        records.each(this::restore);
        this.journal = new TopicJournal(journal, new Kept(epoch));
    }

    /**
     * Reads what an earlier server left in a directory, which is made if need be and locked.
     *
     * @param epochs gives a number, 0 … 2^53−1, that nobody can foretell
     * @throws IOException a sentence that says what is wrong and what to do
     */
    public static DiskTopics open(Path directory, TopicLimits limits, LongSupplier epochs)
            throws IOException {
        TopicRecords records = new TopicRecords();
        Journal journal = Journal.open(directory, records);
        try {
            long former = records.epoch();
            long epoch = former < 0 ? epochs.getAsLong() : former;
            return new DiskTopics(journal, records, epoch, limits);
        } catch (IOException problem) {
            journal.close();
            throw problem;
        }
    }

    @Override
    protected boolean keep(HeldLog log, TopicMessage message, @Nullable String key) {
        journal.hand(new TopicJournal.Append(log, message, key));
        return false;
    }

    @Override
    public @Nullable String trouble() {
        return journal.trouble();
    }

    /** Writes what was handed over, and ends; at the latest after 5 s. */
    @Override
    public void close() {
        journal.close();
    }

    /** What the journal has to know of topics. */
    private final class Kept implements TopicJournal.Source {
        private final long epoch;

        private Kept(long epoch) {
            this.epoch = epoch;
        }

        @Override
        public Iterable<HeldLog> logs() {
            return DiskTopics.this.logs();
        }

        @Override
        public long bytes() {
            return DiskTopics.this.bytes();
        }

        @Override
        public void store(RecordWriter writer) {
            TopicRecords.store(writer, epoch, base());
        }

        @Override
        public void kept(HeldLog log, long offset) {
            DiskTopics.this.kept(log, offset);
        }
    }
}
