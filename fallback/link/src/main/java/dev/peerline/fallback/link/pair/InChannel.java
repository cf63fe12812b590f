package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A channel of another peer: what is expected next, what arrived ahead of it, and the message that
 * is not whole yet. Not thread-safe.
 */
final class InChannel {
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final String NO_BEGINNING = "its beginning is missing";
    private static final String TOO_LARGE = "too large";
    private static final String PASSED_OVER = "its sender left";

    private final Id sender;
    private final Scope scope;
    private final String name;

    /** What waits behind a hole, by the number that it begins with. */
    private final TreeMap<Long, Held> held = new TreeMap<>();

    private long next;

    /** The number that the channel was presumed to begin with; 0 where its sender said it. */
    private long presumedBase;

    private @Nullable Assembly assembly;

    /**
     * @param presumed whether the base is a guess: the sender has not declared the channel to us
     */
    InChannel(Id sender, Scope scope, String name, long base, boolean presumed) {
        this.sender = sender;
        this.scope = scope;
        this.name = name;
        next = base;
        if (presumed) presumedBase = base;
    }

    /** What waits behind a hole. */
    sealed interface Held {
        int bytes();
    }

    record Fragment(int flags, Bytes payload) implements Held {
        @Override
        public int bytes() {
            return payload.length();
        }
    }

    /** A {@code SKIP} up to a number. */
    record Skipped(long to, String reason) implements Held {
        @Override
        public int bytes() {
            return 0;
        }
    }

    /** A message of which there is a part. */
    private static final class Assembly {
        private final long begun;
        private final List<Bytes> parts = new ArrayList<>(2);
        private int bytes;

        /** Why it will not be handed over; empty while it may. */
        private String spoilt;

        Assembly(long begun, String spoilt) {
            this.begun = begun;
            this.spoilt = spoilt;
        }

        void add(Bytes payload) {
            bytes = Math.min(bytes + payload.length(), MAX_MESSAGE_BYTES + 1);
            if (spoilt.isEmpty() && bytes > MAX_MESSAGE_BYTES) spoilt = TOO_LARGE;
            if (spoilt.isEmpty()) parts.add(payload);
            else parts.clear();
        }

        Bytes whole() {
            if (parts.size() == 1) return parts.getFirst();
            WireWriter writer = new WireWriter(bytes);
            parts.forEach(writer::raw);
            return writer.take();
        }
    }

    long next() {
        return next;
    }

    boolean holds(long sequence) {
        return held.containsKey(sequence);
    }

    boolean holdsNothing() {
        return held.isEmpty();
    }

    /** The lowest number that waits; {@code Long.MAX_VALUE} when nothing does. */
    long lowestHeld() {
        return held.isEmpty() ? Long.MAX_VALUE : held.firstKey();
    }

    void hold(long sequence, Held what) {
        held.put(sequence, what);
    }

    /** Takes what waits at the next number; null when nothing does. */
    @Nullable Held release() {
        return held.remove(next);
    }

    /**
     * The next fragment has come.
     *
     * @return the message or gap that it completes; null when more has to come
     */
    @Nullable PairEvent take(Fragment fragment, PairPath path) {
        long sequence = next++;
        boolean more = (fragment.flags() & PairFrame.MORE_FRAGMENTS) != 0;
        boolean continues = (fragment.flags() & PairFrame.CONTINUES) != 0;
        Assembly current = assembly;
        if (!continues || current == null) {
            current = new Assembly(sequence, continues ? NO_BEGINNING : "");
        }
        // What has to wait lets go of the packet that it came in.
        current.add(more ? fragment.payload().compact() : fragment.payload());
        assembly = more ? current : null;
        if (more) return null;
        if (!current.spoilt.isEmpty()) {
            return new PairEvent.Gap(sender, scope, name, 1, current.spoilt);
        }
        int dataType = fragment.flags() & PairFrame.TYPE_MASK;
        return new PairEvent.Message(sender, scope, name, dataType, current.whole(), path, false);
    }

    /** Numbers up to one above the next will not come. */
    PairEvent.Gap skip(long to, String reason) {
        long count = to - next;
        next = to;
        assembly = null;
        return new PairEvent.Gap(sender, scope, name, count, reason);
    }

    /**
     * The sender says where the channel begins: what was before the presumed base has been passed
     * over. Null when nothing was.
     */
    PairEvent.@Nullable Gap declared(long base) {
        long passedOver = presumedBase - base;
        presumedBase = 0;
        return passedOver > 0
                ? new PairEvent.Gap(sender, scope, name, passedOver, PASSED_OVER)
                : null;
    }

    /** A message's beginning is not kept: should its sender return, all of it comes again. */
    void dropBeginning() {
        Assembly begun = assembly;
        if (begun != null) next = begun.begun;
        assembly = null;
    }
}
