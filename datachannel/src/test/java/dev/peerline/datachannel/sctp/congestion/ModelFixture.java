package dev.peerline.datachannel.sctp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.sctp.congestion.ModelControl.Phase;

/** The model by itself, told what a path of 10 MB/s and 50 ms would tell it. */
final class ModelFixture {
    static final int MTU = 1000;
    static final long MILLIS = 1_000_000;
    static final long RTT = 50 * MILLIS;
    static final long RATE = 10_000_000;
    static final long PRODUCT = 500_000;
    static final int ACKS_A_ROUND = 10;

    /** What each of ten acknowledgements a round trip brings. */
    static final long ACKED = PRODUCT / ACKS_A_ROUND;

    final ModelControl control = new ModelControl(MTU);
    final AckSample sample = new AckSample();
    long now = 1_000 * MILLIS;
    boolean appLimited;
    private long delivered;

    /** A tenth of a round trip later a tenth of the product has arrived. */
    void ack(long rate, long rtt, long inFlight, long lost) {
        long product = (long) (rate * (rtt / 1e9));
        now += rtt / ACKS_A_ROUND;
        tell(product / ACKS_A_ROUND, product, rate, rtt, inFlight, lost);
    }

    /** The same on the path as it is, with so much in flight. */
    void ack(long inFlight) {
        ack(RATE, RTT, inFlight, 0);
    }

    /**
     * An acknowledgement at the time it is.
     *
     * @param product how much was delivered since what it acknowledges was sent
     */
    void tell(long acked, long product, long rate, long rtt, long inFlight, long lost) {
        sample.reset(now);
        sample.ackedBytes = acked;
        delivered += acked;
        sample.deliveredBytes = delivered;
        sample.priorDeliveredBytes = Math.max(0, delivered - product);
        sample.deliveryRate = rate;
        sample.rttNanos = rtt;
        sample.priorInFlightBytes = inFlight;
        sample.inFlightBytes = inFlight - acked;
        sample.lostBytes = lost;
        sample.appLimited = appLimited;
        control.onAck(sample);
    }

    void round(long rate, long rtt, double lossRate) {
        long product = (long) (rate * (rtt / 1e9));
        long lost = (long) (product * lossRate / (1 - lossRate)) / ACKS_A_ROUND;
        for (int i = 0; i < ACKS_A_ROUND; i++) ack(rate, rtt, product, lost);
    }

    void rounds(int count) {
        for (int i = 0; i < count; i++) round(RATE, RTT, 0);
    }

    /** Until the model cruises at 10 MB/s. */
    void cruise() {
        rounds(20);
        assertEquals(Phase.PROBE_BANDWIDTH, control.phase());
    }

    /** Percent of the path's rate at which it sends now. */
    long percent() {
        return Math.round(control.pacingBytesPerSecond() * 100.0 / RATE);
    }

    /** Until it sends at so many percent, with so much in flight. */
    void untilPercent(long percent, long inFlight) {
        for (int i = 0; percent() != percent; i++) {
            ack(inFlight);
            if (i > 1000) throw new AssertionError("never at " + percent + " %");
        }
    }
}
