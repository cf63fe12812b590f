package dev.peerline.datachannel.sctp.congestion;

/**
 * The largest of the values seen during the last rounds, from three candidates (Kathleen Nichols'
 * windowed filter, as Linux has it). Not thread-safe.
 */
final class MaxFilter {
    private final long windowRounds;
    private final long[] values = new long[3];
    private final long[] rounds = new long[3];

    MaxFilter(long windowRounds) {
        this.windowRounds = windowRounds;
    }

    long max() {
        return values[0];
    }

    void reset() {
        for (int i = 0; i < 3; i++) set(i, 0, 0);
    }

    void update(long value, long round) {
        if (value >= values[0] || round - rounds[2] > windowRounds) {
            for (int i = 0; i < 3; i++) set(i, value, round);
            return;
        }
        if (value >= values[1]) {
            set(1, value, round);
            set(2, value, round);
        } else if (value >= values[2]) {
            set(2, value, round);
        }
        age(value, round);
    }

    /** The best one leaves when it is too old; the others are kept apart in time. */
    private void age(long value, long round) {
        long elapsed = round - rounds[0];
        if (elapsed > windowRounds) {
            shift(value, round);
            // After a pause the second one may be too old as well; the third is not.
            if (round - rounds[0] > windowRounds) shift(value, round);
        } else if (rounds[1] == rounds[0] && elapsed > windowRounds / 4) {
            set(1, value, round);
            set(2, value, round);
        } else if (rounds[2] == rounds[1] && elapsed > windowRounds / 2) {
            set(2, value, round);
        }
    }

    private void shift(long value, long round) {
        set(0, values[1], rounds[1]);
        set(1, values[2], rounds[2]);
        set(2, value, round);
    }

    private void set(int index, long value, long round) {
        values[index] = value;
        rounds[index] = round;
    }
}
