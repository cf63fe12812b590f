package dev.peerline.fallback.link.mailbox;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.LongSupplier;

/** Mailboxes that live as long as the process. Thread-safe if its source of epochs is. */
public final class MemoryMailboxes implements Mailboxes, Mailboxes.Shelf {
    private final LogLimits limits;
    private final LongSupplier epochs;

    /**
     * @param epochs gives another number each time, 0 … 2^53−1, that nobody can foretell
     */
    public MemoryMailboxes(LogLimits limits, LongSupplier epochs) {
        this.limits = limits;
        this.epochs = epochs;
    }

    /** Itself: nothing here depends on the room. */
    @Override
    public Shelf shelf(String room) {
        return this;
    }

    @Override
    public List<KeptRoom> kept() {
        return List.of();
    }

    @Override
    public @Nullable String trouble() {
        return null;
    }

    @Override
    public Log open(Id id) {
        return new MemoryLog(epochs.getAsLong(), limits);
    }

    @Override
    public void note(Log mailbox, Bytes session) {}

    @Override
    public Commit commit() {
        return Commit.KEPT;
    }

    @Override
    public void close() {}
}
