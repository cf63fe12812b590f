package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.wire.Bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes what changes in mailboxes. */
final class JournalThread extends GroupCommit<Batch> {
    private static final System.Logger LOGGER = System.getLogger(JournalThread.class.getName());

    static final long SEGMENT_BYTES = 16L * 1024 * 1024;

    /** The journal is written anew, bit by bit, when it is larger than this, … */
    private static final long SMALL_BYTES = 64L * 1024 * 1024;

    /** … and than this many times what it has to keep. */
    private static final int GARBAGE_FACTOR = 3;

    private final Journal journal;
    private final Budget budget;
    private final Set<DiskLog> logs = new HashSet<>();
    private final RecordWriter writer = new RecordWriter();

    /** Writes the state that was found as the beginning of a journal without history. */
    JournalThread(Journal journal, Budget budget, List<DiskLog> found) throws IOException {
        super(journal);
        this.journal = journal;
        this.budget = budget;
        logs.addAll(found);
        writeAnew(found);
        journal.forgetBelow(journal.number());
        start("peerline-journal");
    }

    @Override
    ByteBuffer encode(List<Batch> batches) {
        writer.clear();
        for (Batch batch : batches) {
            writer.begin();
            for (Change change : batch.changes) writer.change(change);
            writer.end();
        }
        return writer.buffer();
    }

    @Override
    void kept(List<Batch> batches) {
        for (Batch batch : batches) {
            for (Change change : batch.changes) apply(change);
            batch.kept();
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

    @Override
    void tidy() {
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
