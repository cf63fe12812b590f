package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A message under way, and who has not acknowledged it. Not thread-safe. */
final class Sending {
    /** What a message weighs besides its bytes: many empty ones are not free. */
    private static final int OVERHEAD_BYTES = 64;

    private final long handle;
    private final OutChannel channel;
    private final int dataType;
    private final Bytes payload;
    private final int fragmentBytes;
    private final long from;
    private final long to;
    private final Set<Id> remaining;
    private final List<Id> missed = new ArrayList<>();
    private int delivered;
    private PairPath path = PairPath.DIRECT;

    Sending(
            long handle,
            OutChannel channel,
            int dataType,
            Bytes payload,
            int fragmentBytes,
            Collection<Id> audience) {
        this.handle = handle;
        this.channel = channel;
        this.dataType = dataType;
        this.payload = payload;
        this.fragmentBytes = fragmentBytes;
        from = channel.next();
        to = from + Math.max(1, Math.ceilDiv(payload.length(), fragmentBytes));
        remaining = new LinkedHashSet<>(audience);
    }

    long handle() {
        return handle;
    }

    OutChannel channel() {
        return channel;
    }

    /** The number of its first fragment. */
    long from() {
        return from;
    }

    /** The number after its last fragment. */
    long to() {
        return to;
    }

    int bytes() {
        return payload.length() + OVERHEAD_BYTES;
    }

    boolean isFor(Id id) {
        return remaining.contains(id);
    }

    List<Id> remaining() {
        return List.copyOf(remaining);
    }

    boolean settled() {
        return remaining.isEmpty();
    }

    void delivered(Id id, PairPath over) {
        remaining.remove(id);
        delivered++;
        if (over == PairPath.SESSION) path = over;
    }

    /** False when it does not wait for this peer. */
    boolean missed(Id id) {
        if (!remaining.remove(id)) return false;
        missed.add(id);
        return true;
    }

    PairEvent.Settled receipt() {
        return new PairEvent.Settled(handle, delivered, List.copyOf(missed), path);
    }

    /** A fragment as a frame. */
    Bytes frame(long sequence) {
        int at = (int) (sequence - from) * fragmentBytes;
        int size = Math.min(fragmentBytes, payload.length() - at);
        int flags = dataType;
        if (sequence + 1 < to) flags |= PairFrame.MORE_FRAGMENTS;
        if (sequence > from) flags |= PairFrame.CONTINUES;
        return new PairFrame.Message(channel.number(), sequence, flags, payload.slice(at, size))
                .encode();
    }
}
