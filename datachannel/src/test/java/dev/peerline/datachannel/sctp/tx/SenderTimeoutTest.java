package dev.peerline.datachannel.sctp.tx;

import static dev.peerline.datachannel.sctp.tx.SenderFixture.MILLIS;
import static dev.peerline.datachannel.sctp.tx.SenderFixture.WIRE;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;

import java.util.List;

/** When answers do not come: RACK's timer, the tail probe, T3-rtx, another path. */
final class SenderTimeoutTest {
    private final SenderFixture at = new SenderFixture();
    private final Sender sender = at.sender;

    /** TSN 1 is sent and acknowledged: the round trip is 40 ms, the RTO 300. */
    private void measure() {
        at.offer(1);
        at.send(0);
        at.sack(40 * MILLIS, 1);
    }

    private void expire(long nowNanos) {
        assertEquals(nowNanos, sender.deadlineNanos());
        sender.advance(nowNanos - 1);
        assertEquals(nowNanos, sender.deadlineNanos());
        sender.advance(nowNanos);
    }

    /** RFC 8985 §6.2 step 5: the timer of the reordering window. */
    @Test
    void findsALossWhenTheReorderingWindowHasPassed() {
        measure();
        at.offer(3);
        at.send(100 * MILLIS);
        at.sack(140 * MILLIS, 1, 3, 4);
        int told = at.window.told.size();
        expire(150 * MILLIS);
        assertEquals(told + 1, at.window.told.size());
        assertEquals(WIRE, at.window.last().lost());
        assertEquals(WIRE, at.window.last().priorInFlight());
        assertEquals(0, at.window.last().acked());
        assertEquals(0, at.window.last().inFlight());
        assertEquals(List.of(2), at.send(150 * MILLIS));
    }

    /** RFC 8985 §7.3: "If no previously unsent data … retransmit the highest-sequence segment". */
    @Test
    void probesTheTailWithTheNewestChunk() {
        measure();
        at.offer(2);
        at.send(100 * MILLIS);
        expire(180 * MILLIS);
        assertEquals(
                List.of(new SenderFixture.Data(3, 3, 2, 1000, "BEI")), at.packet(180 * MILLIS));
        assertEquals(List.of(), at.packet(180 * MILLIS));
        assertEquals(480 * MILLIS, sender.deadlineNanos());
        assertEquals(0, at.window.timeouts);
        assertEquals(1, sender.retransmittedChunks());
    }

    /** New data if there is some, whatever the window says; one packet of it. */
    @Test
    void probesTheTailWithNewDataThatTheWindowHeldBack() {
        measure();
        at.window.bytes = 2L * WIRE;
        at.offer(4);
        assertEquals(List.of(2, 3), at.send(100 * MILLIS));
        expire(180 * MILLIS);
        assertTrue(sender.mayWriteData(180 * MILLIS));
        assertEquals(List.of(4), at.send(180 * MILLIS));
        assertFalse(sender.mayWriteData(180 * MILLIS));
        assertEquals(0, sender.retransmittedChunks());
    }

    @Test
    void probesTheTailWithWhatTheWindowHasNoRoomFor() {
        measure();
        at.offer(3);
        assertEquals(List.of(2, 3, 4), at.send(100 * MILLIS));
        at.window.bytes = WIRE;
        expire(180 * MILLIS);
        assertEquals(List.of(4), at.send(180 * MILLIS));
        assertEquals(List.of(), at.packet(180 * MILLIS));
    }

    @Test
    void probesWithTheNewestChunkWhenThePeerHasNoRoomForMore() {
        measure();
        at.sackWithWindow(41 * MILLIS, 2000, 1);
        at.offer(4);
        assertEquals(List.of(2, 3), at.send(100 * MILLIS));
        expire(180 * MILLIS);
        assertEquals(List.of(3), at.send(180 * MILLIS));
    }

    /** RFC 9260 §6.3.3; one packet asks, as RFC 5682 wants it, and the next attempt is whole. */
    @Test
    void asksWithOnePacketAfterATimeoutAndWithAllAfterTheNext() {
        at.offer(5);
        at.send(0);
        expire(400 * MILLIS);
        assertEquals(1, at.window.timeouts);
        assertEquals(1, sender.consecutiveTimeouts());
        assertEquals(0, sender.inFlightBytes());
        assertEquals(1200 * MILLIS, sender.deadlineNanos());
        assertEquals(
                List.of(new SenderFixture.Data(1, 3, 0, 1000, "BEI")), at.packet(400 * MILLIS));
        assertEquals(List.of(), at.send(400 * MILLIS));
        expire(1200 * MILLIS);
        assertEquals(2, sender.consecutiveTimeouts());
        assertEquals(List.of(1, 2, 3, 4, 5), at.send(1200 * MILLIS));
        at.sack(1300 * MILLIS, 1);
        assertEquals(0, sender.consecutiveTimeouts());
        assertEquals(1700 * MILLIS, sender.deadlineNanos());
    }

    @Test
    void anAnswerEndsTheAskingAndLeavesRecoveryToSlowStart() {
        at.offer(5);
        at.send(0);
        sender.advance(400 * MILLIS);
        assertEquals(List.of(1), at.send(400 * MILLIS));
        at.sack(500 * MILLIS, 1);
        assertEquals(List.of(2, 3, 4, 5), at.send(500 * MILLIS));
        assertFalse(at.window.last().recovering());
        assertFalse(at.window.last().lossEvent());
        assertEquals(0, at.window.last().rttNanos());
        assertEquals(0, sender.spuriousTimeouts());
    }

    /** A FORWARD TSN or a heartbeat was answered: the peer lives. */
    @Test
    void aPeerThatIsHeardOtherwiseIsAlive() {
        at.offer(1);
        at.send(0);
        sender.advance(400 * MILLIS);
        sender.onPeerAlive();
        assertEquals(0, sender.consecutiveTimeouts());
    }

    /** §6.1 A: a receiver without room that answers is not dead. */
    @Test
    void countsNoTimeoutsOfAChunkThatAsksForRoom() {
        SenderFixture none = new SenderFixture(0);
        none.offer(2);
        none.send(0);
        none.sender.advance(400 * MILLIS);
        none.send(400 * MILLIS);
        none.sender.advance(1200 * MILLIS);
        assertEquals(1, none.sender.consecutiveTimeouts());
        none.sackWithWindow(1200 * MILLIS, 1, 0);
        none.send(1200 * MILLIS);
        none.sender.advance(none.sender.deadlineNanos());
        assertEquals(2, none.sender.consecutiveTimeouts());
    }

    @Test
    void aClosedWindowWithMoreOutstandingIsNoProbeOfIt() {
        at.offer(2);
        at.send(0);
        at.sackWithWindow(40 * MILLIS, 0, 0);
        sender.advance(400 * MILLIS);
        at.send(400 * MILLIS);
        sender.advance(1200 * MILLIS);
        assertEquals(2, sender.consecutiveTimeouts());
    }

    /** §6.2.1: what an earlier SACK covered and the newest does not must be sent again. */
    @Test
    void sendsAgainWhatThePeerReneged() {
        at.offer(4);
        at.send(0);
        at.sack(40 * MILLIS, 0, 3, 4);
        at.sack(41 * MILLIS, 0, 4, 4);
        List<Integer> sent = List.of();
        while (at.window.timeouts < 2) {
            long due = sender.deadlineNanos();
            sender.advance(due);
            sent = at.send(due);
        }
        assertEquals(List.of(1, 2, 3), sent);
        assertEquals(3L * WIRE, sender.inFlightBytes());
    }

    /** RFC 5682 §3.1 step 3: the answer is to what was not sent again. */
    @Test
    void undoesATimeoutThatWasForNothing() {
        measure();
        at.offer(5);
        at.send(100 * MILLIS);
        sender.advance(180 * MILLIS);
        at.send(180 * MILLIS);
        sender.advance(sender.deadlineNanos());
        assertEquals(1, at.window.timeouts);
        long later = 500 * MILLIS;
        assertEquals(1, at.send(later).size());
        at.sack(later + 5 * MILLIS, 3);
        assertEquals(1, at.window.spuriousTimeouts);
        assertEquals(1, sender.spuriousTimeouts());
        // Back in flight are those that were sent once; the tail was probed with the newest.
        assertEquals(2L * WIRE, sender.inFlightBytes());
        assertEquals(List.of(6), at.send(later + 5 * MILLIS));
    }

    /** A SACK with many gaps may have left some out: their acknowledgement later proves nothing. */
    @Test
    void undoesNothingWhenTheSackHadTooManyGaps() {
        for (int gaps : new int[] {16, 17}) {
            SenderFixture one = new SenderFixture();
            one.rtt.add(40 * MILLIS, 0);
            one.offer(40);
            one.send(0);
            int[] blocks = new int[2 * gaps];
            for (int i = 0; i < gaps; i++) blocks[2 * i] = blocks[2 * i + 1] = 3 + 2 * i;
            one.sack(20 * MILLIS, 1, blocks);
            one.sender.advance(10_000 * MILLIS);
            assertEquals(1, one.window.timeouts);
            one.send(10_000 * MILLIS);
            one.sack(10_001 * MILLIS, 4);
            assertEquals(gaps == 16 ? 1 : 0, one.window.spuriousTimeouts, gaps + " gaps");
        }
    }

    @Test
    void triesAnotherPathAtOnceWithAProbe() {
        measure();
        at.offer(3);
        at.send(100 * MILLIS);
        sender.onPathChange(110 * MILLIS);
        assertEquals(1, at.window.pathChanges);
        assertEquals(0, at.rtt.smoothed());
        assertEquals(List.of(4), at.send(110 * MILLIS));
        assertEquals(510 * MILLIS, sender.deadlineNanos());
        assertEquals(3L * WIRE, sender.inFlightBytes());
    }

    /** What arrived over the old path does not tell what is lost on the new one. */
    @Test
    void takesNothingForLostByWhatArrivedOverTheOldPath() {
        measure();
        at.offer(3);
        at.send(100 * MILLIS);
        at.sack(140 * MILLIS, 1, 4, 4);
        sender.onPathChange(141 * MILLIS);
        assertEquals(List.of(3), at.send(141 * MILLIS));
        assertEquals(541 * MILLIS, sender.deadlineNanos());
        at.sack(145 * MILLIS, 1, 4, 4);
        assertEquals(0, at.window.last().lost());
    }

    @Test
    void sendsEverythingAgainOnAnotherPathAfterOneThatWasDead() {
        at.offer(3);
        at.send(0);
        sender.advance(400 * MILLIS);
        at.send(400 * MILLIS);
        sender.onPathChange(500 * MILLIS);
        assertEquals(0, sender.consecutiveTimeouts());
        assertEquals(List.of(1, 2, 3), at.send(500 * MILLIS));
        assertEquals(900 * MILLIS, sender.deadlineNanos());
    }

    @Test
    void anotherPathWithNothingOutstandingSendsNothing() {
        sender.onPathChange(0);
        assertEquals(Long.MAX_VALUE, sender.deadlineNanos());
        at.offer(1);
        at.window.bytes = 0;
        assertFalse(sender.mayWriteData(0));
    }

    /** The pace of the old path, and of the time before a timeout, is forgotten. */
    @Test
    void aTimeoutAndAnotherPathLetTheNextPacketLeaveAtOnce() {
        at.window.rate = 100_000;
        at.offer(60);
        int sent = at.send(1_000 * MILLIS).size();
        assertTrue(sent < 60);
        sender.onPathChange(1_000 * MILLIS);
        assertTrue(at.send(1_000 * MILLIS).size() > 1);
        SenderFixture slow = new SenderFixture();
        slow.window.rate = 200;
        slow.offer(60);
        slow.send(1_000_000 * MILLIS);
        slow.sender.advance(1_000_400 * MILLIS);
        assertEquals(1, slow.window.timeouts);
        assertEquals(List.of(1), slow.send(1_000_400 * MILLIS));
    }

    /** A chunk that took a whole packet takes a whole packet again. */
    @Test
    void sendsAgainWhatJustFillsAPacket() {
        at.offer(3, 2320, Options.reliable(53));
        assertEquals(List.of(1, 2), at.send(0));
        expire(400 * MILLIS);
        List<SenderFixture.Data> again = at.packet(400 * MILLIS);
        assertEquals(1, again.size());
        assertEquals(1160, again.getFirst().length());
    }

    /** Nobody is woken for the pace of what the peer has no room for. */
    @Test
    void doesNotWakeForThePacerWhileThePeerHasNoRoom() {
        measure();
        at.sackWithWindow(41 * MILLIS, 2000, 1);
        at.window.rate = 20_000;
        at.offer(4);
        assertEquals(List.of(2, 3), at.send(100 * MILLIS));
        assertFalse(sender.mayWriteData(100 * MILLIS));
        assertEquals(List.of(), at.packet(100 * MILLIS));
        // Not at 101 ms, when the pace would let it leave, but when the tail is probed.
        assertEquals(180 * MILLIS, sender.deadlineNanos());
    }
}
