package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.topic.HeldLog;
import dev.peerline.fallback.link.topic.TopicMessage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes messages on topics, and shows them to readers when they are on the disk. */
final class TopicJournal extends GroupCommit<TopicJournal.Append> {
    private static final System.Logger LOGGER = System.getLogger(TopicJournal.class.getName());

    private static final long SEGMENT_BYTES = 16L * 1024 * 1024;

    /** The oldest segments are let go of when all are larger than this, … */
    private static final long SMALL_BYTES = 64L * 1024 * 1024;

    /** … and than this many times what is kept. */
    private static final int GARBAGE_FACTOR = 2;

    private final Journal journal;
    private final Source source;
    private final RecordWriter writer = new RecordWriter();

    /** The highest offset of each log in each segment, by the segment's number. */
    private final Map<Long, Map<HeldLog, Long>> segments = new HashMap<>();

    /** A message on its way to the disk. */
    record Append(HeldLog log, TopicMessage message, @Nullable String key) implements Pending {
        private static final long OVERHEAD_BYTES = 512;

        @Override
        public long bytes() {
            return OVERHEAD_BYTES + message.body().length();
        }

        @Override
        public boolean canWait() {
            return false;
        }
    }

    /** What is to be kept. */
    interface Source {
        Iterable<HeldLog> logs();

        /** What all messages take in memory. */
        long bytes();

        /** Writes what all logs have in common. */
        void store(RecordWriter writer);

        /** Everything in a log up to an offset is on the disk. */
        void kept(HeldLog log, long offset);
    }

    /** Writes the state that was found as the beginning of a journal without history. */
    TopicJournal(Journal journal, Source source) throws IOException {
        super(journal);
        this.journal = journal;
        this.source = source;
        writeStates();
        for (HeldLog log : source.logs()) writeMessages(log, Long.MAX_VALUE);
        journal.forgetBelow(journal.number());
        start("peerline-topic-journal");
    }

    @Override
    ByteBuffer encode(List<Append> batches) {
        writer.clear();
        for (Append append : batches) {
            TopicRecords.message(writer, append.message, append.key);
        }
        return writer.buffer();
    }

    @Override
    void kept(List<Append> batches) {
        Map<HeldLog, Long> heads = new LinkedHashMap<>();
        for (Append append : batches) heads.put(append.log, append.message.offset());
        heads.forEach(this::note);
        heads.forEach(source::kept);
    }

    private void note(HeldLog log, long offset) {
        segments.computeIfAbsent(journal.number(), _ -> new HashMap<>())
                .merge(log, offset, Math::max);
    }

    @Override
    void tidy() {
        try {
            if (journal.lastBytes() >= SEGMENT_BYTES) journal.roll();
            while (journal.bytes() > Math.max(SMALL_BYTES, GARBAGE_FACTOR * source.bytes())
                    && journal.oldest() < journal.number()) {
                forget(journal.oldest());
            }
        } catch (IOException problem) {
            // The journal is longer than it need be; what it says is right.
            LOGGER.log(System.Logger.Level.WARNING, "event=journal-not-tidied", problem);
        }
    }

    /** Lets go of a segment; what is kept of it is written anew. */
    private void forget(long segment) throws IOException {
        writeStates();
        for (Map.Entry<HeldLog, Long> each : segments.getOrDefault(segment, Map.of()).entrySet()) {
            writeMessages(each.getKey(), each.getValue());
        }
        journal.forgetBelow(segment + 1);
        segments.remove(segment);
    }

    private void writeStates() throws IOException {
        writer.clear();
        source.store(writer);
        for (HeldLog log : source.logs()) TopicRecords.log(writer, log.state());
        flush();
    }

    private void writeMessages(HeldLog log, long upTo) throws IOException {
        long last = 0;
        for (TopicMessage message : log.messages(upTo)) {
            // Its key stands in the log's state.
            TopicRecords.message(writer, message, null);
            last = message.offset();
            if (writer.size() >= WRITE_BYTES) flush();
        }
        flush();
        if (last > 0) note(log, last);
    }

    private void flush() throws IOException {
        journal.append(writer.buffer());
        writer.clear();
    }
}
