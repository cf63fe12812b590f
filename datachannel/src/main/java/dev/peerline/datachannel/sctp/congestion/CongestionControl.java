package dev.peerline.datachannel.sctp.congestion;

/** Decides how many bytes may be in flight, and how fast they leave. Not thread-safe. */
public interface CongestionControl {
    /** Which one an association uses. */
    enum Algorithm {
        /** A model of bandwidth and round trip, paced: {@link ModelControl}. */
        MODEL,
        /** RFC 9438: {@link CubicControl}. */
        CUBIC,
        /** RFC 9260 §7.2: {@link RenoControl}. */
        RENO;

        /** A new control for a path whose packets have at most {@code maxPacketBytes}. */
        public CongestionControl create(int maxPacketBytes) {
            return switch (this) {
                case MODEL -> new ModelControl(maxPacketBytes);
                case CUBIC -> new CubicControl(maxPacketBytes);
                case RENO -> new RenoControl(maxPacketBytes);
            };
        }
    }

    /** A SACK was processed. */
    void onAck(AckSample sample);

    /** T3-rtx expired: nothing is known to be in flight any more. */
    void onTimeout();

    /** T3-rtx expired for nothing: what was in flight arrived late, and is in flight still. */
    default void onSpuriousTimeout() {}

    /** The path is another one: forget what was measured. */
    void onPathChange();

    /** Sending goes on after a silence with nothing in flight. */
    default void onRestart(long nowNanos) {}

    /** Bytes that may be in flight. */
    long windowBytes();

    /** Bytes a second; 0 when packets need not be spaced. */
    default long pacingBytesPerSecond() {
        return 0;
    }
}
