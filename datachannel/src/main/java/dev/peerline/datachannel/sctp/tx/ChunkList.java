package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.Nullable;

/** A doubly linked list through the chunks themselves; a chunk is in one list at most. */
final class ChunkList {
    private @Nullable SentChunk first;
    private @Nullable SentChunk last;

    @Nullable SentChunk first() {
        return first;
    }

    @Nullable SentChunk last() {
        return last;
    }

    void addLast(SentChunk chunk) {
        chunk.previous = last;
        chunk.next = null;
        if (last == null) first = chunk;
        else last.next = chunk;
        last = chunk;
    }

    void addFirst(SentChunk chunk) {
        chunk.previous = null;
        chunk.next = first;
        if (first == null) last = chunk;
        else first.previous = chunk;
        first = chunk;
    }

    /** Keeps ascending TSNs: what is lost is mostly found in that order. */
    void addByTsn(SentChunk chunk) {
        SentChunk after = last;
        while (after != null && after.tsn > chunk.tsn) after = after.previous;
        chunk.previous = after;
        chunk.next = after == null ? first : after.next;
        if (chunk.next == null) last = chunk;
        else chunk.next.previous = chunk;
        if (after == null) first = chunk;
        else after.next = chunk;
    }

    void remove(SentChunk chunk) {
        if (chunk.previous == null) first = chunk.next;
        else chunk.previous.next = chunk.next;
        if (chunk.next == null) last = chunk.previous;
        else chunk.next.previous = chunk.previous;
        chunk.previous = null;
        chunk.next = null;
    }
}
