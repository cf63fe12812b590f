package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose turn it is (RFC 8260 §3.6, weighted fair queueing), and what the queue keeps. */
final class SendQueueTest {
    private static final int FRAGMENT = 1000;
    private static final Options RELIABLE = Options.reliable(53);

    private final SendQueue queue = new SendQueue(10 << 20);

    private void offer(int streamId, int length) {
        assertTrue(queue.offer(streamId, new byte[length], 0, length, RELIABLE));
    }

    /** Sends a fragment of the stream whose turn it is; -1 when there is none. */
    private int turn() {
        OutgoingMessage message = queue.next(0);
        if (message == null) return -1;
        int streamId = streamOf(message);
        queue.taken(message, Math.min(FRAGMENT, message.unsentBytes()));
        return streamId;
    }

    private static int streamOf(@Nullable OutgoingMessage message) {
        if (message == null || message.stream == null) throw new AssertionError("no message");
        return message.stream.id;
    }

    private String turns(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) text.append(turn());
        return text.toString();
    }

    private void interleave() {
        queue.interleaving(true);
    }

    /** RFC 8260 §3.2: fragments of several streams take turns. */
    @Test
    void streamsTakeTurnsFragmentByFragment() {
        interleave();
        offer(1, 5 * FRAGMENT);
        offer(2, 5 * FRAGMENT);
        offer(3, 5 * FRAGMENT);
        assertEquals("123123123123123", turns(15));
        assertEquals(-1, turn());
    }

    /** RFC 8260 §1: without I-DATA the fragments of a message have TSNs in a row. */
    @Test
    void finishesAMessageFirstWithoutInterleaving() {
        offer(1, 3 * FRAGMENT);
        offer(1, 2 * FRAGMENT);
        offer(2, 2 * FRAGMENT);
        assertEquals("111221" + "1", turns(7));
    }

    /** Shares are by bytes: many small messages get no more than a few large ones. */
    @Test
    void sharesBytesAndNotMessages() {
        interleave();
        offer(1, 40 * FRAGMENT);
        for (int i = 0; i < 400; i++) offer(2, 100);
        int small = 0;
        int large = 0;
        for (int i = 0; i < 110; i++) {
            if (turn() == 1) large++;
            else small++;
        }
        int total = small;
        // 1020 bytes against 120, headers included
        assertTrue(Math.abs(total - 8.5 * large) < 10, large + " large, " + small + " small");
    }

    /** RFC 8831 §6.4: priorities are weights. */
    @ParameterizedTest
    @CsvSource({"256, 256, 50", "512, 256, 67", "1024, 256, 80", "128, 1024, 11", "1, 65535, 0"})
    void sharesByWeight(int one, int other, int percent) {
        interleave();
        queue.weight(1, one);
        queue.weight(2, other);
        offer(1, 1000 * FRAGMENT);
        offer(2, 1000 * FRAGMENT);
        int first = 0;
        for (int i = 0; i < 900; i++) if (turn() == 1) first++;
        assertEquals(percent, first / 9.0, 1.0);
    }

    /** However much a bulk channel has queued, and sent: a quiet one's message is next. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 500})
    void aQuietStreamIsNext(int before) {
        interleave();
        offer(1, 1000 * FRAGMENT);
        for (int i = 0; i < before; i++) turn();
        offer(2, 100);
        int waited = 0;
        while (turn() != 2) waited++;
        assertTrue(waited <= 1, waited + " fragments went before it");
    }

    /** What the owner of a quiet channel may wait for should leave now; a bulk one's should not. */
    @Test
    void tellsOnceThatAStreamHasSentAllItHadWhileOthersHaveMore() {
        interleave();
        offer(1, 1000 * FRAGMENT);
        for (int i = 0; i < 10; i++) turn();
        assertFalse(queue.takeQuietSent());
        offer(2, 100);
        while (turn() != 2) assertFalse(queue.takeQuietSent());
        assertTrue(queue.takeQuietSent());
        assertFalse(queue.takeQuietSent());
    }

    @Test
    void nobodyIsQuietAlone() {
        interleave();
        offer(1, FRAGMENT);
        assertEquals(1, turn());
        assertFalse(queue.takeQuietSent());
    }

    /** One that was silent has saved nothing up for it. */
    @Test
    void aStreamThatWasIdleHasNoCredit() {
        interleave();
        offer(1, 1000 * FRAGMENT);
        offer(2, FRAGMENT);
        for (int i = 0; i < 500; i++) turn();
        offer(2, 100 * FRAGMENT);
        int second = 0;
        for (int i = 0; i < 100; i++) if (turn() == 2) second++;
        assertEquals(50, second, 1);
    }

    @Test
    void dropsWhatExpiredBeforeItBegan() {
        Options soon = new Options(53, false, 100, Options.UNLIMITED);
        assertTrue(queue.offer(1, new byte[10], 0, 10, soon));
        offer(1, 20);
        assertEquals(30, queue.queuedBytes(1));
        OutgoingMessage message = queue.next(100);
        assertTrue(message != null && message.length == 20);
        assertEquals(1, queue.expiredMessages());
        assertEquals(20, queue.queuedBytes(1));
    }

    @Test
    void doesNotExpireWhatHasBegun() {
        Options soon = new Options(53, false, 100, Options.UNLIMITED);
        assertTrue(queue.offer(1, new byte[3000], 0, 3000, soon));
        turn();
        assertEquals(1, streamOf(queue.next(200)));
        assertEquals(0, queue.expiredMessages());
    }

    /** The bound counts what a message costs beside its bytes; one message always goes. */
    @Test
    void isFullAtItsBound() {
        SendQueue small = new SendQueue(1000);
        assertTrue(small.offer(1, new byte[5000], 0, 5000, RELIABLE));
        assertFalse(small.offer(2, new byte[1], 0, 1, RELIABLE));
        SendQueue other = new SendQueue(1000);
        assertTrue(other.offer(1, new byte[372], 0, 372, RELIABLE));
        assertTrue(other.offer(1, new byte[372], 0, 372, RELIABLE));
        assertFalse(other.offer(1, new byte[1], 0, 1, RELIABLE));
        assertEquals(1000, other.queuedBytes());
        other.clearAll();
        assertEquals(0, other.queuedBytes());
        assertTrue(other.isEmpty());
    }

    /** W3C: "bufferedamountlow" is told when it falls to the threshold, and once. */
    @Test
    void tellsWhenAStreamHasLittleLeft() {
        queue.lowThreshold(1, 1500);
        offer(1, 3000);
        assertEquals(-1, queue.pollLow());
        turn();
        assertEquals(-1, queue.pollLow());
        turn();
        assertEquals(1, queue.pollLow());
        turn();
        assertEquals(-1, queue.pollLow());
        offer(1, 1600);
        turn();
        assertEquals(1, queue.pollLow());
    }

    /** RFC 6525 §5.1.2: nothing leaves on a stream that is being reset; then it counts from 0. */
    @Test
    void holdsAStreamBackWhileItIsReset() {
        interleave();
        offer(1, 100);
        assertEquals(1, turn());
        queue.pause(1);
        offer(1, 100);
        assertTrue(queue.isEmpty());
        assertNull(queue.next(0));
        queue.resume(1, true);
        OutgoingMessage message = queue.next(0);
        assertEquals(1, streamOf(message));
        if (message != null) {
            queue.taken(message, 100);
            assertEquals(0, message.messageId);
        }
    }

    @Test
    void goesOnCountingWhenTheResetWasDenied() {
        offer(1, 100);
        assertEquals(1, turn());
        queue.pause(1);
        queue.resume(1, false);
        offer(1, 100);
        OutgoingMessage message = queue.next(0);
        assertEquals(1, streamOf(message));
        if (message != null) {
            queue.taken(message, 100);
            assertEquals(1, message.messageId);
        }
    }

    /** RFC 9260 §6.6: DATA numbers ordered messages in 16 bits, unordered ones not at all. */
    @Test
    void numbersMessagesAsTheChunkHasRoom() {
        SendStream stream = new SendStream(1);
        stream.nextSequence = 0xffff;
        assertEquals(0xffff, stream.takeMessageId(false, false));
        assertEquals(0, stream.takeMessageId(false, false));
        assertEquals(0, stream.takeMessageId(false, true));
        assertEquals(0x10001, stream.takeMessageId(true, false));
        assertEquals(0, stream.takeMessageId(true, true));
        assertEquals(1, stream.takeMessageId(true, true));
    }

    @Test
    void forgetsWhatHasNotBegunToLeave() {
        offer(1, 3 * FRAGMENT);
        offer(1, 500);
        turn();
        queue.clear(1);
        assertEquals(2 * FRAGMENT, queue.queuedBytes(1));
        assertEquals("11", turns(2));
        assertEquals(-1, turn());
        assertEquals(0, queue.queuedBytes());
        queue.clear(9); // of which nothing is known
    }

    @Test
    void forgetsTheRestOfWhatIsGivenUp() {
        offer(1, 3 * FRAGMENT);
        offer(2, 100);
        OutgoingMessage message = queue.next(0);
        assertEquals(1, streamOf(message));
        if (message == null) return;
        queue.taken(message, FRAGMENT);
        queue.abandonRest(message);
        assertTrue(message.fullySent());
        assertEquals(0, queue.queuedBytes(1));
        assertEquals("2", turns(1));
        assertEquals(0, queue.queuedBytes());
        queue.abandonRest(message);
        assertEquals(0, queue.queuedBytes());
    }

    /** What messages cost beside their bytes counts, so that empty-ish ones cannot fill memory. */
    @Test
    void isFullAtItsLastByte() {
        SendQueue small = new SendQueue(1000);
        assertTrue(small.offer(1, new byte[100], 0, 100, RELIABLE));
        int overhead = (int) small.queuedBytes() - 100;
        assertTrue(overhead > 0);
        int rest = 1000 - 100 - 2 * overhead;
        assertFalse(small.offer(1, new byte[rest + 1], 0, rest + 1, RELIABLE));
        assertTrue(small.offer(1, new byte[rest], 0, rest, RELIABLE));
        assertEquals(1000, small.queuedBytes());
    }

    @Test
    void knowsWhetherSomethingOfAStreamIsQueued() {
        assertFalse(queue.hasQueued(1));
        offer(1, 2 * FRAGMENT);
        assertTrue(queue.hasQueued(1));
        assertFalse(queue.hasQueued(2));
        turns(1);
        assertTrue(queue.hasQueued(1));
        turns(1);
        assertFalse(queue.hasQueued(1));
    }

    /** RFC 9260 §5.2.4 A: the peer has begun anew, and counts from zero. */
    @Test
    void begunAnewItCountsFromZeroAndTellsNothingOfBefore() {
        queue.lowThreshold(1, 0);
        offer(1, FRAGMENT);
        turns(1);
        offer(1, FRAGMENT);
        queue.clearAll();
        assertEquals(-1, queue.pollLow());
        assertEquals(0, queue.queuedBytes());
        offer(1, FRAGMENT);
        OutgoingMessage message = queue.next(0);
        assertTrue(message != null);
        queue.taken(message, FRAGMENT);
        assertEquals(0, message.messageId);
    }

    /** W3C: "falls to or below" the threshold, which something at it does not do again. */
    @Test
    void tellsOnceThatTheAmountHasFallenToTheThreshold() {
        queue.lowThreshold(1, FRAGMENT);
        offer(1, FRAGMENT);
        turns(1);
        assertEquals(-1, queue.pollLow());
        offer(1, 2 * FRAGMENT);
        turns(1);
        assertEquals(1, queue.pollLow());
        turns(1);
        assertEquals(-1, queue.pollLow());
    }

    /** What is dropped unsent is used again; what has begun is not, as its chunks refer to it. */
    @Test
    void usesDroppedMessagesAgainButNoneThatHasBegun() {
        offer(1, 2 * FRAGMENT);
        OutgoingMessage dropped = queue.next(0);
        queue.clear(1);
        offer(1, 2 * FRAGMENT);
        assertTrue(dropped == queue.next(0));
        turns(1);
        queue.clearAll();
        offer(2, FRAGMENT);
        assertFalse(dropped == queue.next(0));
    }

    private int numberOfNext() {
        OutgoingMessage message = queue.next(0);
        assertTrue(message != null);
        queue.taken(message, message.unsentBytes());
        return message.messageId;
    }

    /** RFC 8260 §2.1: ordered and unordered messages of a stream are counted apart. */
    @Test
    void countsOrderedAndUnorderedMessagesApartWithInterleaving() {
        interleave();
        Options unordered = new Options(53, true, Long.MAX_VALUE, Options.UNLIMITED);
        for (int i = 0; i < 3; i++) {
            assertTrue(queue.offer(1, new byte[10], 0, 10, unordered));
            assertEquals(i, numberOfNext());
            offer(1, 10);
            assertEquals(i, numberOfNext());
        }
    }
}
