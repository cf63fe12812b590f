package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;
import dev.peerline.fallback.link.mailbox.Mailboxes.Shelf;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import java.util.ArrayList;
import java.util.List;

/** Collects what changes in one room between two commits. Guarded by the room's lock. */
final class RoomShelf implements Shelf {
    private final DiskMailboxes mailboxes;
    private final String room;
    private List<Change> changes = new ArrayList<>();

    /** Nothing that matters is kept later than this. */
    private Commit last = Commit.KEPT;

    RoomShelf(DiskMailboxes mailboxes, String room) {
        this.mailboxes = mailboxes;
        this.room = room;
    }

    String room() {
        return room;
    }

    @Override
    public Log open(Id id) {
        DiskLog log = mailboxes.create(this, id);
        add(new Change.Open(log));
        return log;
    }

    @Override
    public void note(Log mailbox, Bytes session) {
        add(new Change.Note((DiskLog) mailbox, session));
    }

    void add(Change change) {
        changes.add(change);
    }

    @Override
    public Commit commit() {
        if (changes.isEmpty()) return last;
        Batch batch = new Batch(changes);
        changes = new ArrayList<>();
        mailboxes.hand(batch);
        if (!batch.canWait()) last = batch;
        return last;
    }
}
