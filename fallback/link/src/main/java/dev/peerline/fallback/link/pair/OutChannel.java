package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * An order of its own that we number: a message is stored once, however many peers it is for. Not
 * thread-safe.
 */
final class OutChannel {
    private static final String GIVEN_UP = "given up";

    private final long number;
    private final Destination to;
    private final String name;

    /** In order; settled ones are released from the head. */
    private final List<Sending> sendings = new ArrayList<>();

    private long next;

    /** The fragment that was made last: the same for every peer. */
    private @Nullable Piece last;

    OutChannel(long number, Destination to, String name, long firstSequence) {
        this.number = number;
        this.to = to;
        this.name = name;
        next = firstSequence;
    }

    /**
     * What comes next for a peer: a fragment, or a {@code SKIP}.
     *
     * @param to the number after it
     */
    record Piece(long from, long to, boolean skip, Bytes frame) {
        boolean covers(Piece other) {
            return from == other.from && to == other.to && skip == other.skip;
        }
    }

    long number() {
        return number;
    }

    Destination to() {
        return to;
    }

    String name() {
        return name;
    }

    /** The next number to be used. */
    long next() {
        return next;
    }

    void add(Sending sending) {
        sendings.add(sending);
        next = sending.to();
    }

    /** Lets go of what is settled. */
    void release() {
        int settled = 0;
        while (settled < sendings.size() && sendings.get(settled).settled()) settled++;
        sendings.subList(0, settled).clear();
        last = null;
    }

    /** Messages of which some fragment has this number or a higher one; a view. */
    List<Sending> after(long sequence) {
        int low = 0;
        int high = sendings.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sendings.get(middle).to() > sequence) high = middle;
            else low = middle + 1;
        }
        return sendings.subList(low, sendings.size());
    }

    /** Where the message begins that a peer has a part of: one that starts anew needs all of it. */
    long startOf(long sequence, Id id) {
        List<Sending> left = after(sequence);
        if (left.isEmpty() || !left.getFirst().isFor(id)) return sequence;
        return Math.min(sequence, left.getFirst().from());
    }

    /**
     * What a peer gets at a number: the fragment, or a {@code SKIP} over what was given up for it.
     *
     * @param sequence below {@link #next}
     */
    Piece pieceFor(long sequence, Id id) {
        Sending wanted = null;
        for (Sending sending : after(sequence)) {
            if (!sending.isFor(id)) continue;
            wanted = sending;
            break;
        }
        long from = wanted == null ? next : wanted.from();
        if (wanted == null || from > sequence) {
            PairFrame skip = new PairFrame.Skip(number, sequence, from, GIVEN_UP);
            return new Piece(sequence, from, true, skip.encode());
        }
        Piece piece = last;
        if (piece == null || piece.from() != sequence) {
            piece = new Piece(sequence, sequence + 1, false, wanted.frame(sequence));
            last = piece;
        }
        return piece;
    }
}
