package dev.peerline.fallback.link.mailbox;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Where mailboxes come from, and what of them outlives the process. A room's part of it is a {@link
 * Shelf}. Thread-safe.
 */
public interface Mailboxes extends AutoCloseable {
    /** A shelf for a room that begins. */
    Shelf shelf(String room);

    /** The rooms that an earlier process left. */
    List<KeptRoom> kept();

    /** Why nothing can be kept at present, as a sentence; null when all is well. */
    @Nullable String trouble();

    /** Keeps what was committed, and ends. */
    @Override
    void close();

    /** A room, with its shelf and its seats. */
    record KeptRoom(String name, Shelf shelf, List<KeptSeat> seats) {}

    /**
     * A seat and its mailbox.
     *
     * @param session what was noted of it last
     */
    record KeptSeat(Id id, Log mailbox, Bytes session) {}

    /**
     * The mailboxes of one room. Everything between two commits is one change: all of it is kept,
     * or nothing. Not thread-safe: the room's lock guards it and the writing side of its logs.
     */
    interface Shelf {
        /** The mailbox of a peer that joins; {@link Log#close} forgets it and its note. */
        Log open(Id id);

        /** What is to be kept of a session beside its mailbox, in place of the last note. */
        void note(Log mailbox, Bytes session);

        /** Ends the present change. */
        Commit commit();
    }

    /** A change on its way. */
    @FunctionalInterface
    interface Commit {
        /** Nothing waits for it. */
        Commit KEPT = Runnable::run;

        /**
         * Runs a task, which must not block, once the change is kept: at once, or later on the
         * thread that keeps it. Never, when it cannot be kept.
         */
        void whenKept(Runnable task);

        /** Whether a task would run at once. */
        default boolean isKept() {
            return true;
        }
    }
}
