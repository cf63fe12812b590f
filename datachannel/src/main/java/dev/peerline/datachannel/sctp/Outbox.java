package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.PacketWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Consumer;

/** Control chunks that wait for the next packet. Not thread-safe. */
final class Outbox {
    /**
     * A chunk, ready to be sent.
     *
     * @param alone in a packet of its own, with the tag given (INIT ACK, ABORT to nowhere)
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(byte[] chunk, boolean alone, int tag) {}

    /** What a peer provokes beyond this is not answered: it asks faster than it listens. */
    private static final int MAX_ENTRIES = 32;

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final PacketWriter scratch = new PacketWriter();
    private final byte[] scratchBytes;

    Outbox(int maxPacketBytes) {
        scratchBytes = new byte[maxPacketBytes];
    }

    /** Adds a chunk to the packets of the association. */
    void add(Consumer<PacketWriter> chunk) {
        offer(new Entry(encode(chunk), false, 0));
    }

    /** Adds a chunk that travels alone, under a tag of its own. */
    void addAlone(int tag, Consumer<PacketWriter> chunk) {
        offer(new Entry(encode(chunk), true, tag));
    }

    private void offer(Entry entry) {
        if (entries.size() < MAX_ENTRIES) entries.add(entry);
    }

    private byte[] encode(Consumer<PacketWriter> chunk) {
        scratch.begin(scratchBytes, 0, scratchBytes.length);
        int from = scratch.position();
        chunk.accept(scratch);
        return Arrays.copyOfRange(scratchBytes, from, scratch.position());
    }

    @Nullable Entry peek() {
        return entries.peek();
    }

    void remove() {
        entries.remove();
    }

    void clear() {
        entries.clear();
    }

    /**
     * Forgets what would have travelled in packets of the association: there will be none, and what
     * travels alone must not wait behind it.
     */
    void dropBundled() {
        entries.removeIf(entry -> !entry.alone());
    }
}
