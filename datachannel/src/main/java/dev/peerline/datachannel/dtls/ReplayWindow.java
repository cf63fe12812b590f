package dev.peerline.datachannel.dtls;

/**
 * Which record numbers were seen (RFC 6347 §4.1.2.6). Wider than the 64 that the RFC prefers: at a
 * gigabit a packet that is a millisecond late has a hundred others before it.
 *
 * <p>Not thread-safe.
 */
final class ReplayWindow {
    /** A power of two. */
    static final int SIZE = 1024;

    private final long[] bits = new long[SIZE / Long.SIZE];
    private long highest = -1;

    /** Whether the number is new, and not too old to tell. */
    boolean accepts(long sequence) {
        if (sequence > highest) return true;
        if (sequence <= highest - SIZE) return false;
        return (bits[word(sequence)] & (1L << sequence)) == 0;
    }

    /** Notes a number that {@link #accepts} has accepted, once its record is authentic. */
    void add(long sequence) {
        if (sequence > highest) {
            long from = Math.max(highest + 1, sequence - SIZE + 1);
            for (long passed = from; passed < sequence; passed++)
                bits[word(passed)] &= ~(1L << passed);
            highest = sequence;
        }
        bits[word(sequence)] |= 1L << sequence;
    }

    private static int word(long sequence) {
        return (int) (sequence % SIZE) / Long.SIZE;
    }
}
