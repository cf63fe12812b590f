package dev.peerline.datachannel.sctp.rx;

import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

/**
 * Which TSNs were received: a cumulative one, a bit for each beyond it, and the duplicates of late.
 * Not thread-safe.
 */
final class TsnTracker {
    /** A gap block's offset has 16 bits; a sender that runs further ahead is not listened to. */
    static final int WINDOW = 1 << 15;

    private static final int MAX_DUPLICATES = 16;

    private final long[] bits = new long[WINDOW / Long.SIZE];
    private final int[] duplicates = new int[MAX_DUPLICATES];
    private int duplicateCount;
    private long cumulative;
    private long highest;
    private int beyond;

    TsnTracker(int initialTsn) {
        cumulative = (1L << 32) + (initialTsn & 0xffff_ffffL) - 1;
        highest = cumulative;
    }

    long cumulativeTsn() {
        return cumulative;
    }

    /** The highest TSN received. */
    long highestTsn() {
        return highest;
    }

    boolean hasGaps() {
        return beyond > 0;
    }

    long unwrap(int wireTsn) {
        return cumulative + (wireTsn - (int) cumulative);
    }

    boolean wasReceived(long tsn) {
        return tsn <= cumulative || (tsn <= highest && isSet(tsn));
    }

    boolean isTooFar(long tsn) {
        return tsn - cumulative >= WINDOW;
    }

    /** Notes a duplicate for the next SACK; more than it has room for are not told. */
    void addDuplicate(int wireTsn) {
        if (duplicateCount < MAX_DUPLICATES) duplicates[duplicateCount++] = wireTsn;
    }

    /** A TSN that was not received before and is not too far. */
    void add(long tsn) {
        if (tsn == cumulative + 1 && beyond == 0) {
            cumulative = tsn;
            highest = tsn;
            return;
        }
        set(tsn);
        beyond++;
        highest = Math.max(highest, tsn);
        closeGap();
    }

    /** FORWARD TSN: everything up to here counts as received. */
    void forwardTo(long tsn) {
        if (tsn <= cumulative) return;
        for (long t = cumulative + 1; t <= Math.min(tsn, highest); t++) {
            if (!isSet(t)) continue;
            clear(t);
            beyond--;
        }
        cumulative = tsn;
        highest = Math.max(highest, tsn);
        closeGap();
    }

    private void closeGap() {
        while (beyond > 0 && isSet(cumulative + 1)) {
            cumulative++;
            clear(cumulative);
            beyond--;
        }
    }

    /** Writes a SACK with as many gap blocks and duplicates as there is room for. */
    void writeSack(PacketWriter out, long window) {
        int start = SackChunk.begin(out, (int) cumulative, window);
        int gaps = beyond == 0 ? 0 : writeGaps(out);
        int told = Math.min(duplicateCount, out.remaining() / 4);
        for (int i = 0; i < told; i++) out.put32(duplicates[i]);
        duplicateCount = 0;
        SackChunk.end(out, start, gaps, told);
    }

    private int writeGaps(PacketWriter out) {
        int gaps = 0;
        long tsn = cumulative + 1;
        while (out.remaining() >= SackChunk.GAP_BYTES) {
            long first = nextWith(true, tsn);
            if (first > highest) break;
            long end = nextWith(false, first);
            out.put16((int) (first - cumulative));
            out.put16((int) (end - 1 - cumulative));
            gaps++;
            tsn = end;
        }
        return gaps;
    }

    /** The first TSN from here on that was (or was not) received; beyond the highest none was. */
    private long nextWith(boolean received, long from) {
        long tsn = from;
        while (tsn <= highest) {
            int index = (int) tsn & (WINDOW - 1);
            long word = received ? bits[index >> 6] : ~bits[index >> 6];
            int skip = Long.numberOfTrailingZeros(word >>> index);
            int left = Long.SIZE - (index & 63);
            if (skip < left) return Math.min(tsn + skip, highest + 1);
            tsn += left;
        }
        return highest + 1;
    }

    private boolean isSet(long tsn) {
        int index = (int) tsn & (WINDOW - 1);
        return (bits[index >> 6] & 1L << index) != 0;
    }

    private void set(long tsn) {
        int index = (int) tsn & (WINDOW - 1);
        bits[index >> 6] |= 1L << index;
    }

    private void clear(long tsn) {
        int index = (int) tsn & (WINDOW - 1);
        bits[index >> 6] &= ~(1L << index);
    }
}
