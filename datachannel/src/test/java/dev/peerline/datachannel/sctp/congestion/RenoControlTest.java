package dev.peerline.datachannel.sctp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9260 §7.2, sentence by sentence. */
final class RenoControlTest {
    private static final int MTU = 1000;

    private final RenoControl control = new RenoControl(MTU);
    private final AckSample sample = new AckSample();

    private void ack(long bytes) {
        sample.reset(1);
        sample.ackedBytes = bytes;
        sample.cumulativeAdvanced = true;
        sample.windowLimited = true;
        control.onAck(sample);
    }

    private void loss() {
        sample.reset(1);
        sample.lossEvent = true;
        control.onAck(sample);
    }

    /** §7.2.1: "min(4 * PMDCS, max(2 * PMDCS, 4404)) bytes". */
    @ParameterizedTest
    @CsvSource({"1000, 4000", "1200, 4404", "1452, 4404", "3000, 6000"})
    void beginsWithTheInitialWindow(int packetBytes, long window) {
        assertEquals(window, new RenoControl(packetBytes).windowBytes());
        assertEquals(0, new RenoControl(packetBytes).pacingBytesPerSecond());
    }

    /** §7.2.1: "the total size of the previously outstanding DATA chunk(s) acknowledged". */
    @Test
    void growsByWhatWasAcknowledgedInSlowStart() {
        ack(600);
        assertEquals(4600, control.windowBytes());
    }

    /** §7.2.1: "L times the destination's PMDCS", and L is 1. */
    @Test
    void growsByOnePacketAnAcknowledgementInSlowStartAtMost() {
        ack(5000);
        assertEquals(5000, control.windowBytes());
    }

    /** §7.2.1: "only if the current congestion window is being fully utilized". */
    @Test
    void doesNotGrowWhileTheApplicationHoldsItBack() {
        sample.reset(1);
        sample.ackedBytes = 1000;
        sample.cumulativeAdvanced = true;
        control.onAck(sample);
        assertEquals(4000, control.windowBytes());
    }

    /** §7.2.1: "and the data sender is not in Fast Recovery"; and the cumulative TSN must move. */
    @Test
    void doesNotGrowInRecoveryNorByGapReports() {
        sample.reset(1);
        sample.ackedBytes = 1000;
        sample.windowLimited = true;
        control.onAck(sample);
        sample.cumulativeAdvanced = true;
        sample.recovering = true;
        control.onAck(sample);
        assertEquals(4000, control.windowBytes());
    }

    /** §7.2.3: "ssthresh = max(cwnd / 2, 4 * PMDCS)", "cwnd = ssthresh". */
    @Test
    void halvesTheWindowForALoss() {
        for (int i = 0; i < 16; i++) ack(1000);
        assertEquals(20_000, control.windowBytes());
        loss();
        assertEquals(10_000, control.windowBytes());
        loss();
        assertEquals(5000, control.windowBytes());
        loss();
        assertEquals(4000, control.windowBytes());
    }

    /** §7.2.2: one packet more when a whole window has been acknowledged. */
    @Test
    void growsByOnePacketAWindowAfterALoss() {
        for (int i = 0; i < 16; i++) ack(1000);
        loss();
        ack(1000); // "cwnd <= ssthresh" is slow start still
        assertEquals(11_000, control.windowBytes());
        for (int i = 0; i < 10; i++) ack(1000);
        assertEquals(11_000, control.windowBytes());
        ack(1000);
        assertEquals(12_000, control.windowBytes());
        for (int i = 0; i < 11; i++) ack(1000);
        assertEquals(12_000, control.windowBytes());
        ack(1500);
        assertEquals(13_000, control.windowBytes());
        // 500 bytes of the last one count for the next.
        for (int i = 0; i < 12; i++) ack(1000);
        assertEquals(13_000, control.windowBytes());
        ack(500);
        assertEquals(14_000, control.windowBytes());
    }

    /** §7.2.3: "cwnd = PMDCS" after T3-rtx, and slow start up to half of what was. */
    @Test
    void beginsWithOnePacketAfterATimeout() {
        for (int i = 0; i < 16; i++) ack(1000);
        control.onTimeout();
        assertEquals(1000, control.windowBytes());
        for (int i = 0; i < 10; i++) ack(1000);
        assertEquals(11_000, control.windowBytes());
        ack(1000);
        assertEquals(11_000, control.windowBytes());
    }

    @Test
    void beginsAnewOnAnotherPath() {
        for (int i = 0; i < 16; i++) ack(1000);
        loss();
        control.onPathChange();
        assertEquals(4000, control.windowBytes());
        for (int i = 0; i < 16; i++) ack(1000);
        assertEquals(20_000, control.windowBytes());
    }

    /** §7.2.3: "ssthresh = max(cwnd / 2, 4 * PMDCS)" after T3-rtx, too. */
    @Test
    void slowStartGoesToFourPacketsAtLeast() {
        control.onTimeout();
        for (int i = 0; i < 4; i++) ack(1000);
        assertEquals(5000, control.windowBytes());
        ack(1000);
        assertEquals(5000, control.windowBytes());
    }
}
