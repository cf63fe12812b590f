package dev.peerline.datachannel.sctp.rx;

import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.BEGIN;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.IMMEDIATE;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.MILLIS;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.SACK_DELAY;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.WHOLE;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** When a receiver acknowledges (RFC 9260 §6.2), and what it has room for. */
final class ReceiverTest {
    private static final int WINDOW = 1 << 20;

    private final ReceiverFixture fixture = new ReceiverFixture(false);
    private final Receiver receiver = fixture.receiver;

    private void whole(int tsn) {
        fixture.data(WHOLE, tsn, 7, tsn - 1, 10);
    }

    /** "within 200 ms of the arrival of any unacknowledged DATA chunk"; ours is 20. */
    @Test
    void acknowledgesALonePacketAfterTheDelay() {
        assertFalse(receiver.isSackUseful());
        assertEquals(Long.MAX_VALUE, receiver.deadlineNanos());
        whole(1);
        long due = fixture.now + SACK_DELAY;
        assertFalse(receiver.isSackDue());
        assertTrue(receiver.isSackUseful());
        assertEquals(due, receiver.deadlineNanos());
        receiver.advance(due - 1);
        assertFalse(receiver.isSackDue());
        receiver.advance(due);
        assertTrue(receiver.isSackDue());
        assertEquals(Long.MAX_VALUE, receiver.deadlineNanos());
        fixture.taken();
        assertEquals("1 w" + WINDOW, fixture.sack());
        assertFalse(receiver.isSackUseful());
    }

    /** "an acknowledgement SHOULD be generated for at least every second packet". */
    @Test
    void acknowledgesEverySecondPacket() {
        for (int tsn = 1; tsn < 9; tsn += 2) {
            whole(tsn);
            assertFalse(receiver.isSackDue());
            whole(tsn + 1);
            assertTrue(receiver.isSackDue());
            fixture.taken();
            assertEquals(tsn + 1 + " w" + WINDOW, fixture.sack());
            assertFalse(receiver.isSackDue());
            assertEquals(Long.MAX_VALUE, receiver.deadlineNanos());
        }
    }

    /** A packet without DATA is not acknowledged, and does not count. */
    @Test
    void aPacketWithoutDataAsksForNoSack() {
        receiver.onPacketEnd(fixture.now);
        receiver.onPacketEnd(fixture.now);
        assertFalse(receiver.isSackUseful());
        whole(1);
        receiver.onPacketEnd(fixture.now);
        assertFalse(receiver.isSackDue());
    }

    /** RFC 7053 §5.2: a chunk with the I bit is acknowledged without delay; the next is not. */
    @Test
    void acknowledgesAtOnceWhenItIsAsked() {
        fixture.data(WHOLE | IMMEDIATE, 1, 7, 0, 10);
        assertTrue(receiver.isSackDue());
        fixture.sack();
        whole(2);
        assertFalse(receiver.isSackDue());
    }

    /** §6.7: "send a SACK for every packet while there is a gap", and no more once it is filled. */
    @Test
    void acknowledgesEachPacketWhileThereIsAGap() {
        for (int tsn = 3; tsn < 6; tsn++) {
            whole(tsn);
            assertTrue(receiver.isSackDue());
            assertTrue(fixture.sack().endsWith(" [3-" + tsn + "]"));
        }
        whole(2);
        fixture.sack();
        whole(1);
        assertFalse(receiver.isSackDue());
        assertTrue(fixture.sack().startsWith("5 "));
    }

    /** "duplicate DATA chunks … acknowledged immediately", and told in the SACK. */
    @Test
    void tellsADuplicateAtOnce() {
        whole(1);
        fixture.taken();
        fixture.sack();
        whole(1);
        assertTrue(receiver.isSackDue());
        assertEquals("1 w" + WINDOW + " x1", fixture.sack());
        assertEquals(1, receiver.duplicateChunks());
        assertEquals(0, receiver.droppedChunks());
        assertEquals(List.of(), fixture.taken());
    }

    /** A SACK that does not fit is left for the next packet; one that just fits is not. */
    @Test
    void writesASackOnlyWhereItFits() {
        receiver.requestSack();
        assertTrue(receiver.isSackUseful());
        PacketWriter out = new PacketWriter();
        out.begin(new byte[100], 0, PacketHeader.BYTES + SackChunk.HEADER_BYTES - 1);
        receiver.writeSack(out);
        assertTrue(out.isEmpty());
        assertTrue(receiver.isSackDue());
        out.begin(new byte[100], 0, PacketHeader.BYTES + SackChunk.HEADER_BYTES);
        receiver.writeSack(out);
        assertEquals(0, out.remaining());
        assertFalse(receiver.isSackDue());
    }

    /** RFC 9260 §6.5: what belongs to no stream is acknowledged like all else. */
    @Test
    void acknowledgesWhatItIgnores() {
        receiver.ignore(1);
        receiver.onPacketEnd(fixture.now);
        assertTrue(receiver.isSackUseful());
        assertEquals("1 w" + WINDOW, fixture.sack());
        receiver.ignore(3);
        receiver.ignore(3);
        receiver.ignore(1);
        receiver.ignore(1 + TsnTracker.WINDOW);
        receiver.onPacketEnd(fixture.now);
        assertEquals("1 w" + WINDOW + " [2-2]", fixture.sack());
        whole(2);
        assertEquals(3, receiver.cumulativeTsn());
        assertEquals(0, receiver.droppedChunks());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void hasAllUpToItsCumulativeTsn(int tsn) {
        whole(1);
        whole(3);
        assertEquals(tsn <= 1, receiver.hasAllUpTo(tsn));
    }

    /** §6.2.1: what the application has not taken is missing from the window. */
    @Test
    void tellsThePeerWhenMuchWasTaken() {
        ReceiverFixture small = new ReceiverFixture(false, 10_000, 4256, 4256);
        for (int i = 0; i < 4; i++) small.data(WHOLE, 1 + i, 7, i, 1000);
        assertEquals("4 w0", small.sack());
        small.receiver.taken(small.delivered.removeFirst());
        // A quarter of the window: worth a SACK of its own.
        assertTrue(small.receiver.isSackDue());
        assertEquals("4 w1064", small.sack());
        small.receiver.taken(small.delivered.removeFirst());
        assertTrue(small.receiver.isSackDue());
        assertEquals("4 w2128", small.sack());
        // The peer believes in half of it: it can go on without a SACK.
        small.receiver.taken(small.delivered.removeFirst());
        assertFalse(small.receiver.isSackDue());
    }

    /** A full window takes nothing new, tells so at once, and counts it. */
    @Test
    void dropsWhatComesWhileTheWindowIsFull() {
        ReceiverFixture small = new ReceiverFixture(false, 10_000, 2128, 2128);
        small.data(WHOLE, 1, 7, 0, 1000);
        small.data(WHOLE, 3, 7, 2, 1000);
        small.sack();
        assertNull(small.offer(WHOLE, 4, 7, 3, 0, 1000));
        assertEquals(1, small.receiver.droppedChunks());
        assertTrue(small.receiver.isSackDue());
        assertEquals("1 w0 [2-2]", small.sack());
        // What fills a hole may make room.
        small.data(WHOLE, 2, 7, 1, 1000);
        assertEquals(List.of(1, 2, 3), small.taken());
        small.data(WHOLE, 4, 7, 3, 1000);
        assertEquals(List.of(4), small.taken());
        assertEquals(0, small.receiver.heldBytes());
    }

    /** Or nobody could make room: what may make a message whole is taken when nothing else can. */
    @Test
    void takesTheRestOfAMessageThatFillsTheWindow() {
        ReceiverFixture small = new ReceiverFixture(false, 10_000, 2000, 2000);
        small.data(BEGIN, 1, 7, 0, 1500);
        small.data(0, 2, 7, 0, 400);
        assertTrue(small.receiver.heldBytes() >= 2000);
        small.data(0, 3, 7, 0, 100);
        assertEquals(3, small.receiver.cumulativeTsn());
        // Not while the application could take something.
        ReceiverFixture other = new ReceiverFixture(false, 10_000, 2000, 2000);
        other.data(WHOLE, 1, 8, 0, 10);
        other.data(BEGIN, 2, 7, 0, 2000);
        other.data(0, 3, 7, 0, 100);
        assertEquals(2, other.receiver.cumulativeTsn());
        assertEquals(List.of(1), other.taken());
        other.data(0, 3, 7, 0, 100);
        assertEquals(3, other.receiver.cumulativeTsn());
    }

    /** Twice the largest window is the bound of memory, whatever fills holes. */
    @Test
    void endsWhenMemoryIsExhausted() {
        ReceiverFixture small = new ReceiverFixture(false, 10_000, 4000, 4000);
        int tsn = 20;
        for (int i = 0; i < 8; i++) small.data(0, tsn--, 7, 0, 1000);
        assertEquals(8 * 1064, small.receiver.heldBytes());
        assertEquals(Fault.OUT_OF_MEMORY, small.offer(0, tsn, 7, 0, 0, 1000));
        assertEquals(8 * 1064, small.receiver.heldBytes());
        assertEquals(1, small.receiver.droppedChunks());
    }

    /** A TSN beyond what gap blocks can tell is dropped, and may come again. */
    @Test
    void dropsWhatIsTooFarAhead() {
        whole(TsnTracker.WINDOW);
        assertEquals(1, receiver.droppedChunks());
        assertTrue(receiver.isSackDue());
        fixture.data(WHOLE, TsnTracker.WINDOW - 1, 7, 1, 10);
        assertEquals(1, receiver.droppedChunks());
        whole(1);
        whole(TsnTracker.WINDOW);
        assertEquals(1, receiver.droppedChunks());
    }

    /** The window grows with what comes within two round trips, as measured. */
    @Test
    void growsTheWindowByTheMeasuredRoundTrip() {
        for (long millis : new long[] {100, 1}) {
            ReceiverFixture small = new ReceiverFixture(false, 10_000, 4000, 100_000);
            small.receiver.onRtt(millis * MILLIS);
            for (int i = 0; i < 5; i++) {
                small.data(WHOLE, 1 + i, 7, i, 1000);
                small.taken();
                small.now += 10 * MILLIS;
            }
            assertEquals("5 w" + (millis == 100 ? 8000 : 4000), small.sack());
        }
    }

    /** What the application will take from here is held here, wherever it was delivered. */
    @Test
    void holdsWhatWasDeliveredElsewhere() {
        whole(1);
        ReceiverFixture next = new ReceiverFixture(false, 10_000, 74, 74);
        next.receiver.holdUntaken(fixture.delivered.getFirst());
        assertEquals(74, next.receiver.heldBytes());
        assertNull(next.offer(WHOLE, 1, 7, 0, 0, 10));
        assertEquals(1, next.receiver.droppedChunks());
        next.receiver.taken(fixture.delivered.getFirst());
        assertEquals(0, next.receiver.heldBytes());
        next.data(WHOLE, 1, 7, 0, 10);
        assertEquals(List.of(1), next.taken());
        // Nothing is left to be taken: a full window lets pass what may make a message whole.
        next.data(BEGIN, 2, 7, 1, 10);
        next.data(0, 3, 7, 1, 10);
        assertEquals(3, next.receiver.cumulativeTsn());
    }
}
