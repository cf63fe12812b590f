package dev.peerline.datachannel.sctp.congestion;

/**
 * CUBIC (RFC 9438): grows by the time since the last loss instead of by round trips, so that long
 * paths are not starved. Not thread-safe.
 */
public final class CubicControl implements CongestionControl {
    private static final double C = 0.4;
    private static final double BETA = 0.7;

    private final long mtu;
    private double window;
    private double threshold;
    private double windowMax;
    private double estimate;
    private double kSeconds;
    private long epochNanos;
    private boolean inEpoch;
    private long smoothedRttNanos;

    public CubicControl(int maxPacketBytes) {
        mtu = maxPacketBytes;
        reset();
    }

    private void reset() {
        window = 10.0 * mtu; // RFC 6928
        threshold = Double.MAX_VALUE;
        windowMax = 0;
        inEpoch = false;
        smoothedRttNanos = 0;
    }

    @Override
    public void onAck(AckSample sample) {
        if (sample.rttNanos > 0)
            smoothedRttNanos =
                    smoothedRttNanos == 0
                            ? sample.rttNanos
                            : (7 * smoothedRttNanos + sample.rttNanos) / 8;
        if (sample.lossEvent) {
            reduce();
            window = threshold;
            return;
        }
        if (sample.recovering || !sample.windowLimited) return;
        if (window < threshold) window += sample.ackedBytes;
        else avoid(sample);
    }

    /** RFC 9438 §4.6, with fast convergence (§4.7). */
    private void reduce() {
        windowMax = window < windowMax ? window * (1 + BETA) / 2 : window;
        threshold = Math.max(window * BETA, 2.0 * mtu);
        inEpoch = false;
    }

    private void avoid(AckSample sample) {
        if (!inEpoch) {
            inEpoch = true;
            epochNanos = sample.nowNanos;
            estimate = window;
            windowMax = Math.max(windowMax, window);
            // §4.2 figure 2: K = cbrt((W_max - cwnd_epoch) / C), in packets and seconds
            kSeconds = Math.cbrt((windowMax - window) / mtu / C);
        }
        double seconds = (sample.nowNanos - epochNanos + smoothedRttNanos) / 1e9;
        double cubic = (C * Math.pow(seconds - kSeconds, 3) * mtu) + windowMax;
        double target = Math.clamp(cubic, window, 1.5 * window);
        // §4.3: what Reno would have, grown by alpha = 3 (1 - beta) / (1 + beta)
        estimate += 3 * (1 - BETA) / (1 + BETA) * mtu * sample.ackedBytes / window;
        if (cubic < estimate) window = Math.max(window, estimate);
        else window += (target - window) / window * sample.ackedBytes;
    }

    @Override
    public void onTimeout() {
        reduce();
        window = mtu;
    }

    @Override
    public void onPathChange() {
        reset();
    }

    @Override
    public long windowBytes() {
        return (long) window;
    }
}
