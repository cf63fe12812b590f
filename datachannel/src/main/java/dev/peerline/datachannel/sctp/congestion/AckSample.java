package dev.peerline.datachannel.sctp.congestion;

/** What one SACK told. One mutable object an association, so that a SACK makes none. */
public final class AckSample {
    public long nowNanos;

    /** Bytes that this SACK acknowledged first. */
    public long ackedBytes;

    /** Bytes that were declared lost because of it. */
    public long lostBytes;

    /** Bytes in flight before it. */
    public long priorInFlightBytes;

    /** Bytes in flight after it. */
    public long inFlightBytes;

    /** The round trip of the newest chunk it acknowledged; 0 when there is no unambiguous one. */
    public long rttNanos;

    /** All bytes acknowledged so far. */
    public long deliveredBytes;

    /** What {@link #deliveredBytes} was when the newest acknowledged chunk was sent. */
    public long priorDeliveredBytes;

    /** Bytes a second over the life of that chunk; 0 when it cannot be told. */
    public long deliveryRate;

    /** The sender had nothing more to send when that chunk left. */
    public boolean appLimited;

    /** The first loss since all that was in flight at the previous loss event was settled. */
    public boolean lossEvent;

    /** The cumulative TSN has moved. */
    public boolean cumulativeAdvanced;

    /** The window, and not the application, held the sender back. */
    public boolean windowLimited;

    /** Between a loss event and the acknowledgement of all that was in flight then. */
    public boolean recovering;

    /** For the next SACK. */
    public void reset(long now) {
        nowNanos = now;
        ackedBytes = 0;
        lostBytes = 0;
        priorInFlightBytes = 0;
        inFlightBytes = 0;
        rttNanos = 0;
        priorDeliveredBytes = 0;
        deliveryRate = 0;
        appLimited = false;
        lossEvent = false;
        cumulativeAdvanced = false;
        windowLimited = false;
        recovering = false;
    }
}
