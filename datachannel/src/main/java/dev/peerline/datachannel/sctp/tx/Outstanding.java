package dev.peerline.datachannel.sctp.tx;

import org.jspecify.annotations.Nullable;

/**
 * Every TSN that is not yet cumulatively acknowledged, in a ring by TSN; those in flight in the
 * order they were sent, those believed lost by TSN. TSNs are unwrapped to 64 bits. Not thread-safe.
 */
final class Outstanding {
    /** Gap blocks count 16 bits from the cumulative TSN, and memory must end somewhere. */
    static final int MAX_CHUNKS = 1 << 15;

    private SentChunk[] ring = newRing(64);
    private long cumulativeTsn;
    private long nextTsn;
    private final ChunkList inFlight = new ChunkList();
    private final ChunkList lost = new ChunkList();
    private long inFlightBytes;
    private long inFlightPayloadBytes;
    private int inFlightChunks;
    private int gapAcked;

    Outstanding(int initialTsn) {
        // One turn up, so that nothing that is unwrapped from a wild SACK becomes negative.
        nextTsn = (1L << 32) + (initialTsn & 0xffff_ffffL);
        cumulativeTsn = nextTsn - 1;
    }

    private static SentChunk[] newRing(int capacity) {
        SentChunk[] ring = new SentChunk[capacity];
        for (int i = 0; i < capacity; i++) ring[i] = new SentChunk();
        return ring;
    }

    long cumulativeTsn() {
        return cumulativeTsn;
    }

    long nextTsn() {
        return nextTsn;
    }

    long unwrap(int wireTsn) {
        return cumulativeTsn + (wireTsn - (int) cumulativeTsn);
    }

    int size() {
        return (int) (nextTsn - cumulativeTsn - 1);
    }

    boolean isEmpty() {
        return nextTsn == cumulativeTsn + 1;
    }

    boolean hasRoom() {
        return size() < MAX_CHUNKS;
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    long inFlightPayloadBytes() {
        return inFlightPayloadBytes;
    }

    int inFlightChunks() {
        return inFlightChunks;
    }

    /** Chunks that gap blocks have acknowledged. */
    int gapAcked() {
        return gapAcked;
    }

    @Nullable SentChunk firstLost() {
        return lost.first();
    }

    /** The one that was sent first of those in flight. */
    @Nullable SentChunk earliestInFlight() {
        return inFlight.first();
    }

    @Nullable SentChunk latestInFlight() {
        return inFlight.last();
    }

    /** The chunk of a TSN between the cumulative one and the next one. */
    SentChunk at(long tsn) {
        return ring[(int) tsn & (ring.length - 1)];
    }

    /** A chunk for the next TSN, in no state yet. */
    SentChunk append() {
        if (size() == ring.length) grow();
        SentChunk chunk = at(nextTsn);
        chunk.tsn = nextTsn++;
        chunk.transmissions = 0;
        return chunk;
    }

    private void grow() {
        SentChunk[] old = ring;
        SentChunk[] larger = new SentChunk[old.length * 2];
        for (long tsn = cumulativeTsn + 1; tsn < cumulativeTsn + 1 + old.length; tsn++)
            larger[(int) tsn & (larger.length - 1)] = old[(int) tsn & (old.length - 1)];
        for (int i = 0; i < larger.length; i++) if (larger[i] == null) larger[i] = new SentChunk();
        ring = larger;
    }

    void markInFlight(SentChunk chunk) {
        leave(chunk);
        inFlight.addLast(chunk);
        countInFlight(chunk);
    }

    private void countInFlight(SentChunk chunk) {
        chunk.state = SentChunk.State.IN_FLIGHT;
        inFlightBytes += chunk.wireBytes;
        inFlightPayloadBytes += chunk.length;
        inFlightChunks++;
    }

    void markLost(SentChunk chunk) {
        leave(chunk);
        chunk.state = SentChunk.State.LOST;
        lost.addByTsn(chunk);
    }

    /** Those believed lost that were sent once are in flight after all, before all others. */
    void restoreLost() {
        SentChunk chunk = lost.last();
        while (chunk != null) {
            SentChunk earlier = chunk.previous;
            if (chunk.transmissions == 1) {
                leave(chunk);
                inFlight.addFirst(chunk);
                countInFlight(chunk);
            }
            chunk = earlier;
        }
    }

    void markAcked(SentChunk chunk) {
        leave(chunk);
        chunk.state = SentChunk.State.ACKED;
        gapAcked++;
    }

    void markAbandoned(SentChunk chunk) {
        leave(chunk);
        chunk.state = SentChunk.State.ABANDONED;
    }

    /** Takes the chunk after the cumulative TSN out of the ring. */
    void advanceCumulative(SentChunk chunk) {
        leave(chunk);
        chunk.state = SentChunk.State.FREE;
        chunk.message = null;
        cumulativeTsn++;
    }

    private void leave(SentChunk chunk) {
        switch (chunk.state) {
            case IN_FLIGHT -> {
                inFlight.remove(chunk);
                inFlightBytes -= chunk.wireBytes;
                inFlightPayloadBytes -= chunk.length;
                inFlightChunks--;
            }
            case LOST -> lost.remove(chunk);
            case ACKED -> gapAcked--;
            case FREE, ABANDONED -> {}
        }
    }
}
