package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpBody;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;

/** What goes up under numbers, until the server has taken it. Not thread-safe. */
final class UpQueue {
    private static final UpBody NOTHING = new UpBody.Acks(List.of());
    private static final int NOTHING_BYTES = 1;

    /** Sent over the present carrier, and not. */
    private final ArrayDeque<Item> sent = new ArrayDeque<>();

    private ArrayDeque<Item> unsent = new ArrayDeque<>();
    private long nextNumber = 1;

    /** Up to this number everything was sent once. */
    private long sentUpTo;

    private long bytes;

    /**
     * Something to send.
     *
     * @param members whom the group means that it is for; empty for what needs none
     * @param body makes it, for the number of the group
     * @param bytes what it weighs
     */
    record Item(long number, List<Member> members, IntFunction<UpBody> body, int bytes) {}

    void add(List<Member> members, IntFunction<UpBody> body, int size) {
        unsent.add(new Item(nextNumber++, List.copyOf(members), body, size));
        bytes += size;
    }

    /** Bytes that the server has not taken. */
    long bytes() {
        return bytes;
    }

    /** The lowest number that will be sent. */
    long base() {
        if (!sent.isEmpty()) return sent.element().number();
        return unsent.isEmpty() ? nextNumber : unsent.element().number();
    }

    /** Whether the server owes an answer on this carrier. */
    boolean awaited() {
        return !sent.isEmpty();
    }

    /** The next to be sent over this carrier; null when there is none. */
    @Nullable Item send() {
        Item item = unsent.poll();
        if (item == null) return null;
        sent.add(item);
        sentUpTo = Math.max(sentUpTo, item.number());
        return item;
    }

    /** How many are to be sent that were sent before. */
    long again() {
        Item next = unsent.peek();
        return next == null ? 0 : Math.max(0, sentUpTo + 1 - next.number());
    }

    /** A new carrier: all that was not taken goes again. */
    void rewind() {
        if (sent.isEmpty()) return;
        List<Item> all = new ArrayList<>(sent);
        all.addAll(unsent);
        sent.clear();
        unsent = new ArrayDeque<>(all);
    }

    /** The server took everything up to a number; tells whether that is news. */
    boolean taken(long number) {
        boolean any = drop(sent, number);
        return drop(unsent, number) || any;
    }

    private boolean drop(ArrayDeque<Item> items, long upTo) {
        boolean any = false;
        for (Iterator<Item> each = items.iterator(); each.hasNext(); any = true) {
            Item item = each.next();
            if (item.number() > upTo) break;
            bytes -= item.bytes();
            each.remove();
        }
        return any;
    }

    /**
     * The session began anew. The count goes on: a number means one frame for ever, since what was
     * sent before may still arrive. Those that nothing is sent under any more say nothing.
     *
     * @param from the next that the server takes
     */
    void abandon(long from) {
        long next = nextNumber;
        sent.clear();
        unsent.clear();
        bytes = 0;
        nextNumber = from;
        sentUpTo = 0;
        while (nextNumber < next) add(List.of(), _ -> NOTHING, NOTHING_BYTES);
    }
}
