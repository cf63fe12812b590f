package dev.peerline.datachannel;

/**
 * How many packets are written in a row. Many, as they leave in one system call; but what is
 * written leaves only at the end of a burst, and what has come waits for it. So a burst ends when a
 * quiet channel's message is in it, and those that follow are short while its answer may come. Not
 * thread-safe.
 */
final class Burst {
    /** Packets before tasks have a turn, among them what other channels send meanwhile. */
    static final int SLICE_PACKETS = 16;

    /** Packets before they leave, and sockets are read. */
    static final int MAX_PACKETS = 256;

    /** The same, while an answer may come. */
    static final int SHORT_PACKETS = 16;

    /**
     * So long a quiet channel's answer is looked out for: where it takes longer than this, it is
     * the path that takes it, and not the {@link #MAX_PACKETS} before it.
     */
    static final long ANSWER_NANOS = 1_000_000;

    private int packets;
    private long answerUntilNanos = Long.MIN_VALUE;

    /**
     * Notes a slice.
     *
     * @param written packets of it
     * @param quiet whether a quiet channel's message is among them
     * @return whether what was written is to leave now
     */
    boolean endsAfter(int written, boolean quiet, long nowNanos) {
        if (quiet) answerUntilNanos = nowNanos + ANSWER_NANOS;
        packets += written;
        if (!quiet && packets < mostPackets(nowNanos)) return false;
        packets = 0;
        return true;
    }

    private int mostPackets(long nowNanos) {
        boolean awaits = answerUntilNanos != Long.MIN_VALUE && answerUntilNanos - nowNanos > 0;
        return awaits ? SHORT_PACKETS : MAX_PACKETS;
    }
}
