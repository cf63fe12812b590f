package dev.peerline.datachannel.sctp.tx;

import static dev.peerline.datachannel.sctp.tx.SenderFixture.MILLIS;
import static dev.peerline.datachannel.sctp.tx.SenderFixture.WIRE;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sctp.tx.SenderFixture.Data;

import org.junit.jupiter.api.Test;

import java.util.List;

/** What leaves, and what the acknowledgements of it tell (RFC 9260 §6). */
final class SenderTest {
    private final SenderFixture at = new SenderFixture();
    private final Sender sender = at.sender;

    private static Options unordered() {
        return new Options(53, true, Long.MAX_VALUE, Options.UNLIMITED);
    }

    /** §6.9: B on the first fragment, E on the last; cut at a multiple of four. */
    @Test
    void cutsAMessageIntoFragmentsThatFillPackets() {
        at.offer(5, 2500, Options.reliable(53));
        assertEquals(List.of(new Data(1, 5, 0, 1160, "B")), at.packet(0));
        assertEquals(List.of(new Data(2, 5, 0, 1160, "")), at.packet(0));
        assertEquals(List.of(new Data(3, 5, 0, 180, "E")), at.packet(0));
        assertEquals(List.of(), at.packet(0));
        assertEquals(3, sender.lastAssignedTsn());
        assertEquals(2500 + 3 * 16, sender.inFlightBytes());
        assertEquals(3, sender.outstandingChunks());
        assertEquals(3, sender.sentChunks());
        assertEquals(0, sender.retransmittedChunks());
    }

    /** §6.10: several in a packet, none of them cut to fill its rest. */
    @Test
    void putsSmallMessagesTogetherAndCutsNoneThatFitsThePacketAfter() {
        at.offer(1, 500, Options.reliable(53));
        at.offer(1, 500, unordered());
        at.offer(1, 500, Options.reliable(53));
        assertEquals(
                List.of(new Data(1, 1, 0, 500, "BE"), new Data(2, 1, 0, 500, "BEU")), at.packet(0));
        assertEquals(List.of(new Data(3, 1, 1, 500, "BE")), at.packet(0));
    }

    /** A message that fills the packet to its last byte is one chunk. */
    @Test
    void aMessageThatJustFitsIsNotCut() {
        at.offer(1, 1160, Options.reliable(53));
        assertEquals(List.of(new Data(1, 1, 0, 1160, "BE")), at.packet(0));
        at.offer(1, 1161, Options.reliable(53));
        assertEquals(List.of(new Data(2, 1, 1, 1160, "B")), at.packet(0));
        assertEquals(List.of(new Data(3, 1, 1, 1, "E")), at.packet(0));
    }

    @Test
    void isDrainedWhenNothingIsQueuedAndNothingOutstanding() {
        assertTrue(sender.isDrained());
        at.offer(1);
        assertFalse(sender.isDrained());
        assertEquals(List.of(1), at.send(0));
        assertFalse(sender.isDrained());
        at.sack(40 * MILLIS, 1);
        assertTrue(sender.isDrained());
        assertEquals(Long.MAX_VALUE, sender.deadlineNanos());
    }

    /** §6.1 B: sending goes on while less than the window is in flight. */
    @Test
    void stopsWhenTheWindowIsFull() {
        at.window.bytes = 2L * WIRE;
        at.offer(5);
        assertEquals(List.of(1, 2), at.send(0));
        assertFalse(sender.mayWriteData(0));
        at.sack(40 * MILLIS, 1);
        assertTrue(at.window.last().windowLimited());
        assertEquals(List.of(3), at.send(40 * MILLIS));
        at.window.bytes = 2L * WIRE + 1;
        assertEquals(List.of(4), at.send(40 * MILLIS));
        assertEquals(List.of(), at.send(40 * MILLIS));
    }

    @Test
    void isNotLimitedByTheWindowWhenTheApplicationHasNoMore() {
        at.window.bytes = 2L * WIRE;
        at.offer(2);
        assertEquals(List.of(1, 2), at.send(0));
        assertEquals(List.of(), at.packet(0));
        at.sack(40 * MILLIS, 1);
        assertFalse(at.window.last().windowLimited());
    }

    /** §6.1 A: not more than the peer has room for, which counts payload. */
    @Test
    void stopsWhenThePeerHasNoRoom() {
        SenderFixture small = new SenderFixture(2000);
        small.offer(5);
        assertEquals(List.of(1, 2), small.send(0));
        small.sackWithWindow(40 * MILLIS, 1999, 1);
        assertEquals(List.of(), small.send(40 * MILLIS));
        small.sackWithWindow(41 * MILLIS, 2000, 1);
        assertEquals(List.of(3), small.send(41 * MILLIS));
        assertFalse(small.window.last().windowLimited());
    }

    /** §6.1 A: "the data sender can always have one DATA chunk in flight". */
    @Test
    void asksAPeerWithoutRoomByOneChunk() {
        SenderFixture none = new SenderFixture(0);
        none.offer(3);
        assertEquals(List.of(1), none.send(0));
        assertEquals(List.of(), none.send(0));
        none.sackWithWindow(40 * MILLIS, 0, 1);
        assertEquals(List.of(2), none.send(40 * MILLIS));
    }

    /** What is measured while the peer has no room is not what the path gives. */
    @Test
    void thePeersLackOfRoomIsALimitOfTheApplication() {
        SenderFixture small = new SenderFixture(1000);
        small.offer(3);
        assertEquals(List.of(1), small.send(0));
        small.sackWithWindow(40 * MILLIS, 1000, 1);
        assertFalse(small.window.last().appLimited());
        assertEquals(List.of(2), small.send(40 * MILLIS));
        small.sackWithWindow(80 * MILLIS, 1000, 2);
        assertTrue(small.window.last().appLimited());
    }

    @Test
    void tellsTheControlWhatASackChanged() {
        at.offer(6);
        assertEquals(6, at.send(5 * MILLIS).size());
        assertEquals(1, at.window.restarts);
        assertEquals(1 << 20, sender.windowBytes());
        at.sack(45 * MILLIS, 2, 4, 4);
        SenderFixture.Told told = at.window.last();
        assertEquals(3L * WIRE, told.acked());
        assertEquals(6L * WIRE, told.priorInFlight());
        assertEquals(3L * WIRE, told.inFlight());
        assertEquals(40 * MILLIS, told.rttNanos());
        assertTrue(told.advanced());
        assertEquals(0, told.lost());
        assertEquals(3L * WIRE, sender.deliveredBytes());
        at.sack(46 * MILLIS, 2, 4, 4);
        assertEquals(0, at.window.last().acked());
        assertFalse(at.window.last().advanced());
        assertEquals(0, at.window.last().rttNanos());
        assertEquals(40 * MILLIS, at.rtt.smoothed());
    }

    /** §6.2.1 D i: "if Cumulative TSN Ack is less than the Cumulative TSN Ack Point, drop". */
    @Test
    void dropsSacksOfThePastAndOfTheFuture() {
        at.offer(4);
        at.send(0);
        at.sack(40 * MILLIS, 2);
        int told = at.window.told.size();
        at.sack(41 * MILLIS, 1);
        at.sack(41 * MILLIS, 5);
        assertEquals(told, at.window.told.size());
        at.sack(41 * MILLIS, 4);
        assertTrue(sender.isDrained());
    }

    @Test
    void aGapBeyondWhatWasSentAcknowledgesNothingMore() {
        at.offer(3);
        at.send(0);
        at.sack(40 * MILLIS, 0, 2, 9);
        assertEquals(2L * WIRE, at.window.last().acked());
        assertEquals(WIRE, sender.inFlightBytes());
        assertEquals(3, sender.lastAssignedTsn());
    }

    /** RFC 9260 §9.2: the SHUTDOWN's cumulative TSN; it says nothing of the window. */
    @Test
    void aShutdownAcknowledgesToo() {
        SenderFixture small = new SenderFixture(1000);
        small.offer(2);
        small.send(0);
        small.sender.onCumulativeAck(2, 40 * MILLIS);
        small.sender.onCumulativeAck(-3, 40 * MILLIS);
        assertEquals(1, small.sender.outstandingChunks());
        small.sender.onCumulativeAck(1, 40 * MILLIS);
        assertEquals(WIRE, small.window.last().acked());
        assertEquals(0, small.sender.outstandingChunks());
        assertEquals(List.of(2), small.send(40 * MILLIS));
    }

    /** Lost by RACK: three that were sent later have arrived. */
    @Test
    void oneLossEventForAllThatWasInFlight() {
        at.offer(9);
        at.send(0);
        at.sack(40 * MILLIS, 1, 3, 5);
        assertEquals(WIRE, at.window.last().lost());
        assertTrue(at.window.last().lossEvent());
        assertTrue(at.window.last().recovering());
        at.sack(41 * MILLIS, 1, 3, 5, 7, 9);
        assertEquals(WIRE, at.window.last().lost());
        assertFalse(at.window.last().lossEvent());
        assertEquals(List.of(2, 6), at.send(42 * MILLIS));
        assertEquals(2, sender.retransmittedChunks());
        at.sack(82 * MILLIS, 9);
        assertFalse(at.window.last().recovering());
        assertTrue(sender.isDrained());
    }

    /**
     * §6.3.1 C5, Karn: "RTT measurements MUST NOT be made using chunks that were retransmitted".
     */
    @Test
    void measuresNoRoundTripByWhatWasSentTwice() {
        at.offer(9);
        at.send(0);
        at.sack(40 * MILLIS, 1, 3, 9);
        assertEquals(List.of(2), at.send(41 * MILLIS));
        at.sack(82 * MILLIS, 9);
        assertEquals(0, at.window.last().rttNanos());
    }

    /** The last of what was in flight belongs to the event that came before it. */
    @Test
    void theLossOfTheLastOfAWindowIsNoEventOfItsOwn() {
        at.offer(9);
        at.send(0);
        at.sack(40 * MILLIS, 1, 3, 5);
        assertEquals(List.of(2), at.send(42 * MILLIS));
        at.sack(82 * MILLIS, 8);
        assertEquals(WIRE, at.window.last().lost());
        assertFalse(at.window.last().lossEvent());
    }

    @Test
    void sendsWhatIsLostOnlyAsTheWindowAllows() {
        at.offer(9);
        at.send(0);
        at.window.bytes = 2L * WIRE;
        at.sack(40 * MILLIS, 1, 3, 5);
        assertEquals(4L * WIRE, sender.inFlightBytes());
        assertEquals(List.of(), at.packet(40 * MILLIS));
        at.sack(41 * MILLIS, 1, 3, 8);
        assertTrue(at.window.last().windowLimited());
        assertEquals(List.of(2), at.send(41 * MILLIS));
    }

    /** RFC 9260 §6.1 C: what is marked for retransmission goes first. */
    @Test
    void putsNothingNewBesideTheFirstOfTwoThatAreLost() {
        at.offer(9);
        at.send(0);
        at.offer(3, 50, Options.reliable(53));
        at.sack(40 * MILLIS, 1, 4, 9);
        assertEquals(List.of(2), at.packet(41 * MILLIS).stream().map(Data::tsn).toList());
        assertEquals(List.of(3, 10), at.packet(41 * MILLIS).stream().map(Data::tsn).toList());
    }

    /** A message that fills the rest of a packet to its last byte goes there. */
    @Test
    void fillsAPacketToItsLastByte() {
        at.offer(1, 504, Options.reliable(53));
        at.offer(1, 640, Options.reliable(53));
        at.offer(1, 504, Options.reliable(53));
        at.offer(1, 641, Options.reliable(53));
        assertEquals(2, at.packet(0).size());
        assertEquals(1, at.packet(0).size());
    }

    /** What leaves after the application ran dry tells its rate and not the path's. */
    @Test
    void marksWhatLeavesAfterTheApplicationRanDry() {
        at.offer(2);
        assertEquals(List.of(1, 2), at.send(0));
        at.packet(0);
        at.offer(1);
        at.send(MILLIS);
        at.sack(40 * MILLIS, 2);
        assertFalse(at.window.last().appLimited());
        at.sack(41 * MILLIS, 3);
        assertTrue(at.window.last().appLimited());
    }

    /** A message is forgotten, with its bytes, when the last of its fragments is acknowledged. */
    @Test
    void letsGoOfAMessageWithItsLastAcknowledgement() {
        at.offer(1, 2000, Options.reliable(53));
        OutgoingMessage message = at.queue.next(0);
        assertNotNull(message);
        at.packet(0);
        at.sack(40 * MILLIS, 1);
        assertEquals(2000, message.data.length, "its rest is not sent");
        at.packet(50 * MILLIS);
        assertEquals(2000, message.data.length);
        at.sack(90 * MILLIS, 2);
        assertEquals(0, message.data.length);
        at.offer(4, 100, Options.reliable(53));
        assertSame(message, at.queue.next(0));
        assertEquals(List.of(new Data(3, 4, 0, 100, "BE")), at.packet(100 * MILLIS));
    }

    /** RFC 8260 §2.1: message identifier, then PPID in the first fragment and FSN in the others. */
    @Test
    void writesIDataWhereItWasAgreedOn() {
        SenderFixture other = new SenderFixture(new Sender.Settings(1, 1 << 20, true, true));
        other.offer(5, 2000, Options.reliable(53));
        DataFields data = new DataFields();
        assertNull(IDataChunk.read(other.chunk(0), data));
        assertTrue(data.begin() && !data.end() && data.streamId() == 5 && data.tsn() == 1);
        assertEquals(53, data.payloadProtocol());
        assertEquals(1156, data.payloadLength());
        assertNull(IDataChunk.read(other.chunk(0), data));
        assertTrue(data.end() && data.tsn() == 2 && data.messageId() == 0);
        assertEquals(1, data.fragmentNumber());
    }

    /** RFC 8985 §6.2 step 4: a TSN that arrived twice was sent again too early. */
    @Test
    void aDuplicateWidensTheReorderingWindow() {
        at.offer(4);
        at.send(100 * MILLIS);
        at.sack(140 * MILLIS, 1);
        at.sackWithDuplicate(140 * MILLIS, 1, 3, 4);
        assertEquals(160 * MILLIS, sender.deadlineNanos());
    }

    /** A packet a millisecond. */
    @Test
    void waitsForItsTimeAndSaysUntilWhen() {
        at.window.rate = 1_200_000;
        at.offer(20);
        long now = 1_000 * MILLIS;
        int burst = at.send(now).size();
        assertTrue(burst >= 10 && burst < 13, () -> burst + " packets");
        assertFalse(sender.mayWriteData(now));
        assertEquals(List.of(), at.packet(now));
        long next = sender.deadlineNanos();
        assertTrue(next > now && next <= now + MILLIS, () -> "" + (next - now));
        assertFalse(sender.mayWriteData(next - 1));
        assertEquals(List.of(burst + 1), at.send(next));
    }

    /** What the window holds back waits for no time. */
    @Test
    void doesNotWakeForPacketsThatTheWindowHoldsBack() {
        at.window.rate = 1_200_000;
        at.window.bytes = 11L * WIRE;
        at.offer(20);
        long now = 1_000 * MILLIS;
        assertEquals(11, at.send(now).size());
        assertEquals(List.of(), at.packet(now));
        assertEquals(now + 400 * MILLIS, sender.deadlineNanos());
    }

    /** 32,768 TSNs: gap blocks count no further, and memory must end somewhere. */
    @Test
    void stopsAtTheLimitOfOutstandingChunks() {
        at.window.bytes = 1L << 40;
        SenderFixture wide = new SenderFixture(1L << 31);
        wide.window.bytes = 1L << 40;
        for (int i = 0; i < 32_770; i++) wide.offer(1, 1, Options.reliable(53));
        assertEquals(32_768, wide.send(0).size());
        wide.sack(40 * MILLIS, 1);
        assertEquals(List.of(32_769), wide.send(40 * MILLIS));
    }
}
