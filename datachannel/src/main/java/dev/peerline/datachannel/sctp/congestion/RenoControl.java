package dev.peerline.datachannel.sctp.congestion;

/**
 * Slow start and congestion avoidance as RFC 9260 §7.2 has them: what other SCTPs do, and what ours
 * is compared with. Not thread-safe.
 */
public final class RenoControl implements CongestionControl {
    private final long mtu;
    private long window;
    private long threshold;
    private long partialBytesAcked;

    public RenoControl(int maxPacketBytes) {
        mtu = maxPacketBytes;
        reset();
    }

    private void reset() {
        // RFC 9260 §7.2.1: min(4 * PMDCS, max(2 * PMDCS, 4404 bytes))
        window = Math.min(4 * mtu, Math.max(2 * mtu, 4404));
        threshold = Long.MAX_VALUE;
        partialBytesAcked = 0;
    }

    @Override
    public void onAck(AckSample sample) {
        if (sample.lossEvent) {
            // §7.2.3: ssthresh = max(cwnd / 2, 4 * PMDCS), cwnd = ssthresh
            threshold = Math.max(window / 2, 4 * mtu);
            window = threshold;
            partialBytesAcked = 0;
            return;
        }
        if (!sample.cumulativeAdvanced || sample.recovering || !sample.windowLimited) return;
        if (window <= threshold) {
            // §7.2.1: by the bytes acknowledged, at most L * PMDCS, "L SHOULD be 1"
            window += Math.min(sample.ackedBytes, mtu);
            return;
        }
        partialBytesAcked += sample.ackedBytes;
        if (partialBytesAcked >= window) {
            partialBytesAcked -= window;
            window += mtu;
        }
    }

    @Override
    public void onTimeout() {
        threshold = Math.max(window / 2, 4 * mtu);
        window = mtu;
        partialBytesAcked = 0;
    }

    @Override
    public void onPathChange() {
        reset();
    }

    @Override
    public long windowBytes() {
        return window;
    }
}
