package dev.peerline.datachannel.sctp.congestion;

/**
 * Sends at the rate the path has been seen to deliver, and keeps about one bandwidth-delay product
 * in flight: a sender-side model of the path in the manner of BBR (draft-ietf-ccwg-bbr), in place
 * of RFC 9260 §7.2's answer to every loss. Loss alone is no sign of congestion on radio links; loss
 * together with a standing queue is, and so is much loss.
 *
 * <p>Not thread-safe.
 */
public final class ModelControl implements CongestionControl {
    enum Phase {
        /** Doubles the rate each round until the path delivers no more. */
        STARTUP,
        /** Lets the queue run empty that STARTUP has made. */
        DRAIN,
        /** Cruises, probing for more bandwidth one round in eight. */
        PROBE_BANDWIDTH,
        /** Halves what is in flight for a moment, to see the round trip without a queue. */
        PROBE_RTT
    }

    /** 4 ln 2: the smallest gain that lets the rate double each round. */
    private static final double STARTUP_GAIN = 2.773;

    private static final double DRAIN_GAIN = 1 / STARTUP_GAIN;
    private static final double WINDOW_GAIN = 2;
    private static final double[] CYCLE = {1.25, 0.75, 1, 1, 1, 1, 1, 1};
    private static final int BANDWIDTH_ROUNDS = 10;
    private static final long MIN_RTT_EXPIRES_NANOS = 10_000_000_000L;
    private static final long PROBE_RTT_NANOS = 200_000_000;

    /** Below this many packets delayed acknowledgements stall the sender. */
    private static final int MIN_PACKETS = 4;

    /** RFC 6928. */
    private static final int INITIAL_PACKETS = 10;

    /** Shorter round trips than this are ruled by how threads wake up, not by the path. */
    private static final long MIN_MODEL_RTT_NANOS = 250_000;

    /** More loss than this in a round is congestion if the round trip shows a queue. */
    private static final double QUEUED_LOSS_THRESHOLD = 0.02;

    /** More loss than this in a round is congestion, whatever the round trip says. */
    private static final double BLIND_LOSS_THRESHOLD = 0.2;

    private static final double LOSS_BETA = 0.7;

    /** RFC 9406 §4.3: as many round trips above the smallest one end the start, as there. */
    private static final int QUEUED_SAMPLES = 8;

    private static final long MIN_QUEUE_NANOS = 4_000_000;
    private static final long MAX_QUEUE_NANOS = 16_000_000;

    private final long mtu;
    private final MaxFilter bandwidth = new MaxFilter(BANDWIDTH_ROUNDS);
    private final LossRound loss = new LossRound();

    private Phase phase = Phase.STARTUP;
    private double pacingGain = STARTUP_GAIN;
    private double windowGain = STARTUP_GAIN;
    private long window;
    private long savedWindow;
    private long pacingRate;

    private long round;
    private long roundEndsDelivered;
    private boolean roundStarted;

    private long minRttNanos = Long.MAX_VALUE;
    private long minRttSeenNanos;
    private long probeRttUntilNanos;

    private long fullBandwidth;
    private int fullBandwidthRounds;
    private boolean pipeFilled;
    private int queuedSamples;

    /** T3-rtx has expired: what was in flight comes back when a round has got through. */
    private boolean restoring;

    private int cycleIndex;
    private long cycleStartNanos;

    /** A ceiling learnt from congestion; {@link Long#MAX_VALUE} when there is none. */
    private long inFlightCeiling = Long.MAX_VALUE;

    /** What acknowledgements that come in lumps add to the window. */
    private long extraAcked;

    private long extraAckedEpochNanos;
    private long extraAckedEpochBytes;
    private long extraAckedRound;

    public ModelControl(int maxPacketBytes) {
        mtu = maxPacketBytes;
        window = INITIAL_PACKETS * mtu;
    }

    @Override
    public void onAck(AckSample sample) {
        updateRound(sample);
        updateBandwidth(sample);
        updateExtraAcked(sample);
        checkPipeFilled(sample);
        checkDrained(sample);
        if (phase == Phase.PROBE_BANDWIDTH) advanceCycle(sample);
        updateMinRtt(sample);
        respondToLoss(sample);
        updatePacing();
        updateWindow(sample);
    }

    private void updateRound(AckSample sample) {
        roundStarted = sample.ackedBytes > 0 && sample.priorDeliveredBytes >= roundEndsDelivered;
        if (!roundStarted) return;
        round++;
        roundEndsDelivered = sample.deliveredBytes;
    }

    private void updateBandwidth(AckSample sample) {
        if (sample.deliveryRate <= 0) return;
        if (!sample.appLimited || sample.deliveryRate >= bandwidth.max())
            bandwidth.update(sample.deliveryRate, round);
    }

    /** How far acknowledgements run ahead of the bandwidth, at most, in the last rounds. */
    private void updateExtraAcked(AckSample sample) {
        if (bandwidth.max() == 0 || sample.ackedBytes == 0) return;
        long elapsed = sample.nowNanos - extraAckedEpochNanos;
        long expected = (long) (bandwidth.max() * (elapsed / 1e9));
        if (extraAckedEpochNanos == 0 || extraAckedEpochBytes <= expected) {
            extraAckedEpochNanos = sample.nowNanos;
            extraAckedEpochBytes = 0;
            expected = 0;
        }
        extraAckedEpochBytes =
                Math.min(extraAckedEpochBytes + sample.ackedBytes, Math.max(window, mtu));
        long extra = extraAckedEpochBytes - expected;
        if (extra >= extraAcked || round - extraAckedRound > BANDWIDTH_ROUNDS) {
            extraAcked = extra;
            extraAckedRound = round;
        }
    }

    private void checkPipeFilled(AckSample sample) {
        if (pipeFilled) return;
        if (showsQueue(sample)) {
            // Before the queue overflows, which at this rate would cost half a window.
            pipeFilled = true;
            return;
        }
        if (!roundStarted || sample.appLimited) return;
        if (bandwidth.max() >= fullBandwidth + fullBandwidth / 4) {
            fullBandwidth = bandwidth.max();
            fullBandwidthRounds = 0;
            return;
        }
        if (++fullBandwidthRounds >= 3) pipeFilled = true;
    }

    /** RFC 9406 (HyStart++): round trips have grown by an eighth, and stay so. */
    private boolean showsQueue(AckSample sample) {
        if (sample.rttNanos == 0 || minRttNanos == Long.MAX_VALUE) return false;
        long queue = Math.clamp(minRttNanos / 8, MIN_QUEUE_NANOS, MAX_QUEUE_NANOS);
        if (sample.rttNanos > minRttNanos + queue) queuedSamples++;
        else queuedSamples = 0;
        return queuedSamples >= QUEUED_SAMPLES;
    }

    private void checkDrained(AckSample sample) {
        if (phase == Phase.STARTUP && pipeFilled) {
            phase = Phase.DRAIN;
            pacingGain = DRAIN_GAIN;
        }
        if (phase == Phase.DRAIN && sample.inFlightBytes <= product(1)) cruise(sample.nowNanos);
    }

    private void cruise(long nowNanos) {
        phase = Phase.PROBE_BANDWIDTH;
        windowGain = WINDOW_GAIN;
        // Not with the phase that drains, and not with the one that probes.
        enterCycle(2, nowNanos);
    }

    private void enterCycle(int index, long nowNanos) {
        cycleIndex = index;
        cycleStartNanos = nowNanos;
        pacingGain = CYCLE[index];
    }

    private void advanceCycle(AckSample sample) {
        boolean over = sample.nowNanos - cycleStartNanos > modelRtt();
        boolean next =
                switch (cycleIndex) {
                    // Until the pipe is really fuller, or it overflows.
                    case 0 ->
                            over
                                    && (sample.lostBytes > 0
                                            || sample.priorInFlightBytes >= product(CYCLE[0])
                                            || sample.appLimited);
                    // Until the queue that the probe made is gone.
                    case 1 -> over || sample.inFlightBytes <= product(1);
                    default -> over;
                };
        if (next) enterCycle((cycleIndex + 1) % CYCLE.length, sample.nowNanos);
    }

    private void updateMinRtt(AckSample sample) {
        long now = sample.nowNanos;
        boolean expired =
                minRttNanos != Long.MAX_VALUE && now - minRttSeenNanos > MIN_RTT_EXPIRES_NANOS;
        if (sample.rttNanos > 0 && (sample.rttNanos <= minRttNanos || expired)) {
            minRttNanos = sample.rttNanos;
            minRttSeenNanos = now;
        }
        if (expired && phase != Phase.PROBE_RTT && pipeFilled) {
            phase = Phase.PROBE_RTT;
            pacingGain = 1;
            savedWindow = window;
            probeRttUntilNanos = now + Math.max(PROBE_RTT_NANOS, 2 * modelRtt());
        } else if (phase == Phase.PROBE_RTT && now >= probeRttUntilNanos) {
            minRttSeenNanos = now;
            window = Math.max(window, savedWindow);
            cruise(now);
        }
    }

    private void respondToLoss(AckSample sample) {
        loss.add(sample);
        if (!roundStarted) return;
        // Not when no round trip was measured, which all chunks that were sent twice leave open.
        boolean queued =
                loss.minRttNanos != Long.MAX_VALUE
                        && loss.minRttNanos > minRttNanos + minRttNanos / 4 + 1_000_000;
        double threshold = queued ? QUEUED_LOSS_THRESHOLD : BLIND_LOSS_THRESHOLD;
        if (loss.rate() > threshold) {
            long reference = Math.min(inFlightCeiling, Math.max(loss.maxInFlight, product(1)));
            inFlightCeiling = Math.max((long) (reference * LOSS_BETA), MIN_PACKETS * mtu);
            pipeFilled = true;
        } else if (inFlightCeiling != Long.MAX_VALUE) {
            // Slowly at first, then faster: forgotten after some rounds without congestion.
            inFlightCeiling += Math.max(mtu, inFlightCeiling / 16);
            if (inFlightCeiling > product(WINDOW_GAIN) + extraAcked)
                inFlightCeiling = Long.MAX_VALUE;
        }
        loss.reset();
    }

    private void updatePacing() {
        if (bandwidth.max() == 0) return;
        long rate = (long) (bandwidth.max() * pacingGain);
        // In STARTUP one low sample must not slow down what has hardly begun.
        if (pipeFilled || rate > pacingRate) pacingRate = rate;
    }

    private void updateWindow(AckSample sample) {
        if (phase == Phase.PROBE_RTT) {
            window = Math.max(product(0.5), MIN_PACKETS * mtu);
            return;
        }
        if (bandwidth.max() == 0) {
            window += sample.ackedBytes;
            return;
        }
        if (restoring && roundStarted) {
            restoring = false;
            window = Math.max(window, savedWindow);
        }
        long target = product(windowGain) + extraAcked + 2 * mtu;
        if (pipeFilled) window = Math.min(window + sample.ackedBytes, target);
        else if (window < target) window += sample.ackedBytes;
        window = Math.clamp(window, MIN_PACKETS * mtu, inFlightCeiling);
    }

    /** The bandwidth-delay product, times a gain, in bytes. */
    private long product(double gain) {
        if (minRttNanos == Long.MAX_VALUE) return INITIAL_PACKETS * mtu;
        return (long) (gain * bandwidth.max() * (modelRtt() / 1e9));
    }

    private long modelRtt() {
        return Math.max(minRttNanos == Long.MAX_VALUE ? 0 : minRttNanos, MIN_MODEL_RTT_NANOS);
    }

    @Override
    public void onTimeout() {
        // The model stands; only what is in flight is unknown.
        if (!restoring) savedWindow = window;
        restoring = true;
        window = MIN_PACKETS * mtu;
    }

    @Override
    public void onSpuriousTimeout() {
        if (!restoring) return;
        restoring = false;
        window = Math.max(window, savedWindow);
    }

    @Override
    public void onPathChange() {
        bandwidth.reset();
        loss.reset();
        phase = Phase.STARTUP;
        pacingGain = STARTUP_GAIN;
        windowGain = STARTUP_GAIN;
        window = INITIAL_PACKETS * mtu;
        pacingRate = 0;
        minRttNanos = Long.MAX_VALUE;
        fullBandwidth = 0;
        fullBandwidthRounds = 0;
        pipeFilled = false;
        queuedSamples = 0;
        restoring = false;
        inFlightCeiling = Long.MAX_VALUE;
        extraAcked = 0;
        extraAckedEpochNanos = 0;
    }

    @Override
    public void onRestart(long nowNanos) {
        if (phase == Phase.PROBE_BANDWIDTH) pacingRate = bandwidth.max();
    }

    @Override
    public long windowBytes() {
        return window;
    }

    @Override
    public long pacingBytesPerSecond() {
        return pacingRate;
    }

    Phase phase() {
        return phase;
    }

    /** What one round lost and delivered. */
    private static final class LossRound {
        private long lost;
        private long acked;
        private long maxInFlight;
        private long minRttNanos;

        LossRound() {
            reset();
        }

        void add(AckSample sample) {
            lost += sample.lostBytes;
            acked += sample.ackedBytes;
            maxInFlight = Math.max(maxInFlight, sample.priorInFlightBytes);
            if (sample.rttNanos > 0) minRttNanos = Math.min(minRttNanos, sample.rttNanos);
        }

        double rate() {
            return lost == 0 ? 0 : (double) lost / (lost + acked);
        }

        void reset() {
            lost = 0;
            acked = 0;
            maxInFlight = 0;
            minRttNanos = Long.MAX_VALUE;
        }
    }
}
