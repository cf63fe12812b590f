package dev.peerline.datachannel.sctp.tx;

import static dev.peerline.datachannel.sctp.tx.SenderFixture.MILLIS;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;

import java.util.List;

/** The sender's side of RFC 3758 §3.5. */
final class ForwardTsnSendingTest {
    private static final int ROOM = 1000;

    private final SenderFixture at = new SenderFixture();
    private final Sender sender = at.sender;

    private static Options limited(boolean unordered, int retransmissions) {
        return new Options(53, unordered, Long.MAX_VALUE, retransmissions);
    }

    private static Options until(long expiresNanos) {
        return new Options(53, false, expiresNanos, Options.UNLIMITED);
    }

    /** All in flight are lost twice: at 400 ms, and with the answer to nothing at 1200. */
    private void timeOut() {
        sender.advance(400 * MILLIS);
        at.send(400 * MILLIS);
        sender.advance(1200 * MILLIS);
        at.send(1200 * MILLIS);
    }

    /** A3, C1, C2: what is given up is skipped, in order, up to what is not. */
    @Test
    void skipsWhatWasGivenUpUpToWhatWasNot() {
        at.offer(1, 1000, limited(false, 0));
        at.offer(2, 1000, limited(true, 0));
        at.offer(3, 1000, limited(false, 0));
        at.offer(4, 1000, Options.reliable(53));
        at.offer(5, 1000, limited(false, 0));
        at.send(0);
        assertNull(at.forward(0, ROOM));
        timeOut();
        assertEquals(4, sender.abandonedMessages());
        // FORWARD TSN names no unordered ones: their TSNs say it.
        assertEquals(
                new ForwardTsnChunk(3, List.of(new Skipped(1, false, 0), new Skipped(3, false, 0))),
                at.forward(1200 * MILLIS, ROOM));
        assertNull(at.forward(1200 * MILLIS, ROOM));
        at.sack(1240 * MILLIS, 4);
        assertEquals(
                new ForwardTsnChunk(5, List.of(new Skipped(5, false, 0))),
                at.forward(1240 * MILLIS, ROOM));
        at.sack(1280 * MILLIS, 5);
        assertTrue(sender.isDrained());
        assertNull(at.forward(1280 * MILLIS, ROOM));
    }

    /** RFC 7496 §3.2: "the number of retransmissions" that is allowed is made. */
    @Test
    void sendsAgainAsOftenAsIsAllowed() {
        at.offer(1, 1000, limited(false, 1));
        assertEquals(List.of(1), at.send(0));
        sender.advance(400 * MILLIS);
        assertEquals(List.of(1), at.send(400 * MILLIS));
        sender.advance(1200 * MILLIS);
        assertEquals(List.of(), at.send(1200 * MILLIS));
        assertEquals(1, sender.abandonedMessages());
    }

    /** RFC 7496 §3.1: the lifetime ends at its very nanosecond, also for what has begun. */
    @Test
    void givesUpTheRestOfAMessageWhoseTimeIsOver() {
        at.window.bytes = 1;
        at.offer(7, 3000, until(50 * MILLIS));
        assertEquals(List.of(1), at.send(0));
        at.window.bytes = 1 << 20;
        assertEquals(List.of(), at.send(50 * MILLIS));
        assertEquals(1, sender.abandonedMessages());
        // TSN 1 was sent, and 2 stands for all that never was.
        assertEquals(
                new ForwardTsnChunk(2, List.of(new Skipped(7, false, 0))),
                at.forward(50 * MILLIS, ROOM));
        assertEquals(2, sender.lastAssignedTsn());
        assertEquals(0, sender.inFlightBytes());
        assertEquals(0, at.queue.queuedBytes());
        at.offer(7, 100, Options.reliable(53));
        assertEquals(List.of(new SenderFixture.Data(3, 7, 1, 100, "BE")), at.packet(51 * MILLIS));
        at.sack(90 * MILLIS, 3);
        assertTrue(sender.isDrained());
    }

    @Test
    void goesOnWithAMessageWhoseTimeIsNotOver() {
        at.window.bytes = 1;
        at.offer(7, 3000, until(50 * MILLIS));
        at.send(0);
        at.window.bytes = 1 << 20;
        assertEquals(List.of(2, 3), at.send(50 * MILLIS - 1));
        assertEquals(0, sender.abandonedMessages());
    }

    /** "All fragments of the message": those that were acknowledged by gaps as well. */
    @Test
    void givesUpAllFragmentsOfAMessage() {
        at.offer(1, 1000, Options.reliable(53));
        at.offer(2, 3000, limited(false, 0));
        at.offer(3, 1000, Options.reliable(53));
        at.send(0);
        at.sack(40 * MILLIS, 1, 4, 5);
        sender.advance(sender.deadlineNanos());
        at.send(100 * MILLIS);
        assertEquals(1, sender.abandonedMessages());
        assertEquals(
                new ForwardTsnChunk(4, List.of(new Skipped(2, false, 0))),
                at.forward(100 * MILLIS, ROOM));
    }

    /** C3: again when a SACK does not cover it, but not more often than a round trip. */
    @Test
    void asksAgainOnceARoundTrip() {
        at.rtt.add(40 * MILLIS, 0);
        at.offer(1, 1000, limited(false, 0));
        at.send(0);
        sender.advance(280 * MILLIS);
        at.send(280 * MILLIS);
        assertNotNull(at.forward(280 * MILLIS, ROOM));
        at.sack(320 * MILLIS - 1, 0);
        assertNull(at.forward(320 * MILLIS, ROOM));
        at.sack(320 * MILLIS, 0);
        assertNotNull(at.forward(320 * MILLIS, ROOM));
    }

    /** C5: "when the T3-rtx timer expires, … the sender SHOULD resend the FORWARD TSN". */
    @Test
    void asksAgainWhenT3Expires() {
        at.offer(1, 1000, limited(false, 0));
        at.send(0);
        sender.advance(400 * MILLIS);
        at.send(400 * MILLIS);
        assertNotNull(at.forward(400 * MILLIS, ROOM));
        long due = sender.deadlineNanos();
        assertEquals(1200 * MILLIS, due);
        sender.advance(due);
        assertNotNull(at.forward(due, ROOM));
        sender.onPathChange(due + 1);
        assertNotNull(at.forward(due + 1, ROOM));
    }

    /** A chunk with as many streams as there is room for; the rest follows. */
    @Test
    void namesNoMoreStreamsThanThePacketHasRoomFor() {
        for (int stream = 1; stream <= 4; stream++) at.offer(stream, 1000, limited(false, 0));
        at.offer(2, 1000, limited(false, 0));
        at.send(0);
        timeOut();
        assertNull(at.forward(1200 * MILLIS, 11));
        assertEquals(
                new ForwardTsnChunk(2, List.of(new Skipped(1, false, 0), new Skipped(2, false, 0))),
                at.forward(1200 * MILLIS, 19));
        at.sack(1300 * MILLIS, 2);
        timesOut(1300 * MILLIS);
        assertEquals(
                new ForwardTsnChunk(
                        5,
                        List.of(
                                new Skipped(3, false, 0),
                                new Skipped(4, false, 0),
                                new Skipped(2, false, 1))),
                at.forward(3000 * MILLIS, 20));
    }

    private void timesOut(long fromNanos) {
        sender.advance(Math.max(fromNanos, sender.deadlineNanos()));
    }

    /** RFC 8260 §2.3.1: I-FORWARD-TSN names both kinds. */
    @Test
    void namesUnorderedMessagesWithInterleaving() {
        SenderFixture other = new SenderFixture(new Sender.Settings(1, 1 << 20, true, true));
        other.offer(1, 1000, limited(true, 0));
        other.offer(1, 1000, limited(false, 0));
        while (other.sender.mayWriteData(0)) other.chunk(0);
        other.sender.advance(400 * MILLIS);
        other.chunk(400 * MILLIS);
        assertEquals(
                new ForwardTsnChunk(2, List.of(new Skipped(1, true, 0), new Skipped(1, false, 0))),
                other.forward(400 * MILLIS, ROOM));
    }

    @Test
    void skipsNothingThatArrivedAfterAll() {
        at.offer(1, 1000, limited(false, 0));
        at.send(0);
        sender.advance(400 * MILLIS);
        at.send(400 * MILLIS);
        at.sack(401 * MILLIS, 1);
        assertNull(at.forward(401 * MILLIS, ROOM));
    }

    /** Nothing else is outstanding, and nothing else would ask again. */
    @Test
    void startsT3WithAForwardTsnForARestThatWasNeverSent() {
        at.window.bytes = 1;
        at.offer(7, 3000, until(50 * MILLIS));
        OutgoingMessage message = at.queue.next(0);
        assertNotNull(message);
        at.send(0);
        at.sack(40 * MILLIS, 1);
        assertEquals(Long.MAX_VALUE, sender.deadlineNanos());
        at.send(60 * MILLIS);
        assertNotNull(at.forward(60 * MILLIS, ROOM));
        assertEquals(60 * MILLIS + at.rtt.currentRto(), sender.deadlineNanos());
        assertEquals(3000, message.data.length);
        at.sack(100 * MILLIS, 2);
        assertEquals(0, message.data.length);
        assertTrue(sender.isDrained());
    }

    @Test
    void givesNothingUpWhenThePeerKnowsNoForwardTsn() {
        SenderFixture other = new SenderFixture(new Sender.Settings(1, 1 << 20, false, false));
        other.offer(1, 1000, limited(false, 0));
        other.send(0);
        other.sender.advance(400 * MILLIS);
        assertEquals(List.of(1), other.send(400 * MILLIS));
        assertEquals(0, other.sender.abandonedMessages());
    }
}
