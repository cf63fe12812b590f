package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.sctp.tx.RetransmissionTimers.Expired;

import org.junit.jupiter.api.Test;

/** T3-rtx (RFC 9260 §6.3.2) and the tail loss probe; the round trip is 40 ms, the RTO 300. */
final class RetransmissionTimersTest {
    private static final long MILLIS = 1_000_000;
    private static final long RTO = 300 * MILLIS;

    private final RttEstimator rtt = new RttEstimator(400 * MILLIS, RTO, 10_000 * MILLIS);
    private final RetransmissionTimers timers = new RetransmissionTimers(rtt);
    private final Outstanding outstanding = new Outstanding(1);

    private SentChunk send(long nowNanos) {
        SentChunk chunk = outstanding.append();
        outstanding.markInFlight(chunk);
        timers.onSent(outstanding, false, nowNanos);
        return chunk;
    }

    /** R1: "if the T3-rtx timer of that address is not running, start it". */
    @Test
    void startsWithTheFirstChunkAndIsNotPutOffByTheNext() {
        send(0);
        assertEquals(400 * MILLIS, timers.deadlineNanos());
        send(100 * MILLIS);
        assertEquals(400 * MILLIS, timers.deadlineNanos());
        assertEquals(Expired.NONE, timers.expired(400 * MILLIS - 1));
        assertEquals(Expired.T3, timers.expired(400 * MILLIS));
        assertEquals(Long.MAX_VALUE, timers.deadlineNanos());
        assertEquals(Expired.NONE, timers.expired(500 * MILLIS));
    }

    /** A probe is an attempt of its own: its answer gets the whole time. */
    @Test
    void aProbeStartsT3Anew() {
        rtt.add(40 * MILLIS, 0);
        send(0);
        send(0);
        assertEquals(Expired.TAIL_PROBE, timers.expired(80 * MILLIS));
        timers.onSent(outstanding, true, 80 * MILLIS);
        assertEquals(80 * MILLIS + RTO, timers.deadlineNanos());
    }

    /** RFC 8985 §7.2: two round trips. */
    @Test
    void probesAfterTwoRoundTripsOnceUntilSomethingIsAcknowledged() {
        rtt.add(40 * MILLIS, 0);
        send(0);
        send(0);
        assertEquals(80 * MILLIS, timers.deadlineNanos());
        assertEquals(Expired.NONE, timers.expired(80 * MILLIS - 1));
        assertEquals(Expired.TAIL_PROBE, timers.expired(80 * MILLIS));
        assertEquals(RTO, timers.deadlineNanos());
        timers.restart(outstanding, 90 * MILLIS);
        assertEquals(90 * MILLIS + RTO, timers.deadlineNanos());
        timers.onProgress(outstanding, 100 * MILLIS);
        assertEquals(180 * MILLIS, timers.deadlineNanos());
    }

    /** RFC 9260 §6.2: the peer may hold the answer to a lone packet back for 200 ms. */
    @Test
    void waitsLongerForTheAnswerToALonePacket() {
        rtt.add(40 * MILLIS, 0);
        send(0);
        assertEquals(280 * MILLIS, timers.deadlineNanos());
    }

    @Test
    void doesNotProbeEarlierThanTimersAreExact() {
        rtt.add(MILLIS, 0);
        send(0);
        send(0);
        assertEquals(5 * MILLIS, timers.deadlineNanos());
    }

    @Test
    void aProbeNotBeforeT3IsLeftOut() {
        rtt.add(150 * MILLIS, 0);
        rtt.add(150 * MILLIS, 0);
        long rto = rtt.currentRto();
        outstanding.markInFlight(outstanding.append());
        send(0);
        assertEquals(300 * MILLIS, timers.deadlineNanos());
        assertEquals(rto, 375 * MILLIS);
        RttEstimator exact = new RttEstimator(400 * MILLIS, MILLIS, 300 * MILLIS);
        exact.add(150 * MILLIS, 0);
        RetransmissionTimers other = new RetransmissionTimers(exact);
        other.onSent(outstanding, false, 0);
        assertEquals(Expired.T3, other.expired(300 * MILLIS));
    }

    @Test
    void doesNotProbeWhatIsKnownToBeLostOrAfterATimeout() {
        rtt.add(40 * MILLIS, 0);
        SentChunk first = send(0);
        send(0);
        send(0);
        outstanding.markLost(first);
        timers.restart(outstanding, 0);
        assertEquals(RTO, timers.deadlineNanos());
        outstanding.markInFlight(first);
        timers.onTimeout(false);
        timers.restart(outstanding, 0);
        assertEquals(2 * RTO, timers.deadlineNanos());
    }

    @Test
    void doesNotProbeWhenNothingIsInFlight() {
        rtt.add(40 * MILLIS, 0);
        outstanding.markAbandoned(send(0));
        timers.restart(outstanding, 0);
        assertEquals(RTO, timers.deadlineNanos());
    }

    /** R2: "if all outstanding data … has been acknowledged, turn off the T3-rtx timer". */
    @Test
    void stopsWhenNothingIsOutstanding() {
        SentChunk chunk = send(0);
        outstanding.advanceCumulative(chunk);
        timers.onProgress(outstanding, MILLIS);
        assertEquals(Long.MAX_VALUE, timers.deadlineNanos());
        send(2 * MILLIS);
        outstanding.advanceCumulative(outstanding.at(outstanding.cumulativeTsn() + 1));
        timers.rearm(outstanding, 3 * MILLIS);
        assertEquals(Long.MAX_VALUE, timers.deadlineNanos());
    }

    @Test
    void rearmingStartsT3OnlyIfItDoesNotRun() {
        send(0);
        timers.rearm(outstanding, 10 * MILLIS);
        assertEquals(400 * MILLIS, timers.deadlineNanos());
        assertEquals(Expired.T3, timers.expired(400 * MILLIS));
        timers.rearm(outstanding, 500 * MILLIS);
        assertEquals(900 * MILLIS, timers.deadlineNanos());
    }

    /** E2, and §6.1 A: a receiver without room that answers is not dead. */
    @Test
    void countsTimeoutsButNotThoseThatAskForRoom() {
        timers.onTimeout(true);
        assertEquals(1, timers.consecutiveTimeouts());
        timers.onTimeout(true);
        assertEquals(1, timers.consecutiveTimeouts());
        timers.onTimeout(false);
        assertEquals(2, timers.consecutiveTimeouts());
        assertEquals(3200 * MILLIS, rtt.currentRto());
        timers.onPeerAlive();
        assertEquals(0, timers.consecutiveTimeouts());
    }
}
