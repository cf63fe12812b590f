package dev.peerline.datachannel.sctp.rx;

import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.BEGIN;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.END;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.UNORDERED;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.WHOLE;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** Fragments become messages (RFC 9260 §6.9, RFC 8260 §2.2.3), within bounds. */
final class ReassemblyTest {
    private static final int OVERHEAD = Inbox.OVERHEAD_BYTES;

    private final ReceiverFixture plain = new ReceiverFixture(false);
    private final ReceiverFixture interleaved = new ReceiverFixture(true);

    private ReceiverFixture of(boolean interleaving) {
        return interleaving ? interleaved : plain;
    }

    /** Five fragments of message 0 of stream 7, with TSNs 1 to 5, in any order. */
    @ParameterizedTest
    @CsvSource({
        "12345, false", "54321, false", "25143, false", "13524, false",
        "12345, true", "54321, true", "25143, true", "13524, true"
    })
    void putsFragmentsInTheirOrder(String order, boolean interleaving) {
        ReceiverFixture to = of(interleaving);
        for (int i = 0; i < 5; i++) {
            int tsn = order.charAt(i) - '0';
            int flags = tsn == 1 ? BEGIN : tsn == 5 ? END : 0;
            assertEquals(List.of(), to.takenFragments());
            assertNull(to.offer(flags, tsn, 7, 0, tsn - 1, 100));
        }
        assertEquals(List.of("7 1*100 2*100 3*100 4*100 5*100"), to.takenFragments());
        assertEquals(0, to.receiver.heldBytes());
    }

    /** RFC 8260 §1: messages of several streams, and of both orders, between one another. */
    @Test
    void keepsInterleavedMessagesApart() {
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        interleaved.idata(BEGIN, 2, 8, 0, 0);
        interleaved.idata(BEGIN | UNORDERED, 3, 7, 0, 0);
        interleaved.idata(END, 6, 8, 0, 2);
        interleaved.idata(0, 5, 8, 0, 1);
        interleaved.idata(END | UNORDERED, 7, 7, 0, 1);
        interleaved.idata(END, 4, 7, 0, 1);
        assertEquals(
                List.of("8 2*10 5*10 6*10", "u7 3*10 7*10", "7 1*10 4*10"),
                interleaved.takenFragments());
        assertEquals(0, interleaved.receiver.heldBytes());
    }

    /** RFC 9260 §6.6: ordered messages wait for their turn, unordered ones do not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deliversUnorderedMessagesAtOnceAndOrderedOnesInTurn(boolean interleaving) {
        ReceiverFixture to = of(interleaving);
        assertNull(to.offer(WHOLE, 3, 7, 2, 0, 10));
        assertNull(to.offer(WHOLE, 2, 7, 1, 0, 10));
        assertNull(to.offer(WHOLE | UNORDERED, 4, 7, 0, 0, 10));
        assertEquals(2 * (10 + OVERHEAD) + 10 + OVERHEAD, to.receiver.heldBytes());
        assertEquals(List.of("u7 4*10"), to.takenFragments());
        assertEquals(2 * (10 + OVERHEAD), to.receiver.heldBytes());
        assertNull(to.offer(WHOLE, 1, 7, 0, 0, 10));
        assertEquals(List.of("7 1*10", "7 2*10", "7 3*10"), to.takenFragments());
        assertEquals(0, to.receiver.heldBytes());
    }

    /** Two messages with one number: the second is dropped, and not accounted for. */
    @Test
    void keepsOneMessageOfANumber() {
        plain.data(WHOLE, 2, 7, 1, 10);
        plain.data(WHOLE, 3, 7, 1, 20);
        assertEquals(10 + OVERHEAD, plain.receiver.heldBytes());
        plain.data(WHOLE, 1, 7, 0, 10);
        assertEquals(List.of(1, 2), plain.taken());
        plain.data(WHOLE, 4, 7, 1, 10);
        assertEquals(List.of(), plain.taken());
        assertEquals(0, plain.receiver.heldBytes());
    }

    /** What a fragment says of its message must be what the beginning said. */
    @ParameterizedTest
    @CsvSource({"8, 0, 0", "7, 4, 0", "7, 0, 1"})
    void endsWhenAFragmentContradictsItsMessage(int streamId, int unordered, int sequence) {
        plain.data(BEGIN, 1, 7, 0, 10);
        assertEquals(Fault.BAD_FRAGMENT, plain.offer(unordered, 2, streamId, sequence, 0, 10));
        ReceiverFixture late = new ReceiverFixture(false);
        late.data(unordered | END, 2, streamId, sequence, 10);
        assertEquals(Fault.BAD_FRAGMENT, late.offer(BEGIN, 1, 7, 0, 0, 10));
        // The same when what had waited for a middle fragment does not go with it.
        ReceiverFixture later = new ReceiverFixture(false);
        later.data(BEGIN, 1, 7, 0, 10);
        later.data(unordered | END, 3, streamId, sequence, 10);
        assertEquals(Fault.BAD_FRAGMENT, later.offer(0, 2, 7, 0, 0, 10));
    }

    /** RFC 8260 §2.1: a message has one first fragment, and one of each number. */
    @Test
    void endsWhenAFragmentComesUnderTwoTsns() {
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        long held = interleaved.receiver.heldBytes();
        assertEquals(Fault.BAD_FRAGMENT, interleaved.offer(BEGIN, 2, 7, 0, 0, 10));
        assertEquals(held, interleaved.receiver.heldBytes());
        interleaved.idata(0, 3, 7, 0, 2);
        held = interleaved.receiver.heldBytes();
        assertEquals(Fault.BAD_FRAGMENT, interleaved.offer(0, 4, 7, 0, 2, 10));
        assertEquals(held, interleaved.receiver.heldBytes());
    }

    /** Fragments after the end of a message belong to nothing, and are not kept. */
    @Test
    void keepsNothingBeyondTheEndOfAMessage() {
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        interleaved.idata(0, 4, 7, 0, 3);
        interleaved.idata(END, 2, 7, 0, 1);
        assertEquals(List.of("7 1*10 2*10"), interleaved.takenFragments());
        assertEquals(0, interleaved.receiver.heldBytes());
    }

    /** RFC 6525 §5.2.2: after a reset the identifiers begin anew, and mean other messages. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamThatWasResetCountsFromZero(boolean interleaving) {
        ReceiverFixture to = of(interleaving);
        for (int stream = 7; stream <= 8; stream++)
            for (int i = 0; i < 2; i++) {
                int tsn = 1 + (stream - 7) * 4 + i * 2;
                assertNull(to.offer(BEGIN, tsn, stream, i, 0, 10));
                assertNull(to.offer(END, tsn + 1, stream, i, 1, 10));
            }
        assertEquals(List.of(1, 3, 5, 7), to.taken());
        to.receiver.resetStream(7);
        to.receiver.resetStream(99); // never heard of
        assertNull(to.offer(BEGIN, 9, 7, 0, 0, 10));
        assertNull(to.offer(END, 10, 7, 0, 1, 10));
        assertNull(to.offer(WHOLE, 11, 8, 2, 0, 10));
        assertEquals(List.of(9, 11), to.taken());
        to.receiver.resetAllStreams();
        assertNull(to.offer(WHOLE, 12, 7, 0, 0, 10));
        assertNull(to.offer(WHOLE, 13, 8, 0, 0, 10));
        assertEquals(List.of(12, 13), to.taken());
        assertEquals(0, to.receiver.heldBytes());
    }

    /** What waits for a message that will not come any more is dropped with the reset. */
    @Test
    void aResetDropsWhatWaits() {
        plain.data(WHOLE, 1, 7, 3, 10);
        plain.data(WHOLE, 2, 8, 3, 10);
        plain.receiver.resetStream(7);
        assertEquals(10 + OVERHEAD, plain.receiver.heldBytes());
        plain.receiver.resetStream(7);
        assertEquals(10 + OVERHEAD, plain.receiver.heldBytes());
        plain.receiver.resetAllStreams();
        assertEquals(0, plain.receiver.heldBytes());
        assertEquals(List.of(), plain.taken());
    }

    /** The longest message is taken, whole or in pieces, in order or not; one byte more ends it. */
    @ParameterizedTest
    @CsvSource({"1000, false", "1001, false", "1000, true", "1001, true"})
    void takesMessagesUpToTheLongest(int length, boolean interleaving) {
        Fault expected = length > 1000 ? Fault.MESSAGE_TOO_LONG : null;
        int rest = length - 600;
        ReceiverFixture whole = small(interleaving);
        assertEquals(expected, whole.offer(WHOLE, 1, 7, 0, 0, length));
        ReceiverFixture begin = small(interleaving);
        assertEquals(expected, begin.offer(BEGIN, 1, 7, 0, 0, length));
        assertEquals(expected == null ? 1000 + OVERHEAD : 0, begin.receiver.heldBytes());
        ReceiverFixture ordered = small(interleaving);
        assertNull(ordered.offer(BEGIN, 1, 7, 0, 0, 600));
        assertEquals(expected, ordered.offer(END, 2, 7, 0, 1, rest));
        ReceiverFixture backwards = small(interleaving);
        assertNull(backwards.offer(END, 2, 7, 0, 1, rest));
        assertEquals(expected, backwards.offer(BEGIN, 1, 7, 0, 0, 600));
        ReceiverFixture middleLast = small(interleaving);
        assertNull(middleLast.offer(END, 3, 7, 0, 2, rest));
        assertNull(middleLast.offer(BEGIN, 1, 7, 0, 0, 100));
        assertEquals(expected, middleLast.offer(0, 2, 7, 0, 1, 500));
    }

    private static ReceiverFixture small(boolean interleaving) {
        return new ReceiverFixture(interleaving, 1000, 1 << 20, 1 << 20);
    }

    /** What a message that grows takes: twice as much each time, and no more than the longest. */
    @Test
    void aMessageGrowsByDoubling() {
        ReceiverFixture to = new ReceiverFixture(false, 3500, 1 << 20, 1 << 20);
        int[] capacities = {1000, 2000, 3500, 3500};
        int[] sizes = {1000, 1000, 1000, 500};
        for (int i = 0; i < 4; i++) {
            to.data(i == 0 ? BEGIN : 0, 1 + i, 7, 0, sizes[i]);
            assertEquals(capacities[i] + OVERHEAD, to.receiver.heldBytes());
        }
        assertEquals(Fault.MESSAGE_TOO_LONG, to.offer(0, 5, 7, 0, 0, 1));
    }

    /** The first of a stream's open messages is given the room that the one before it needed. */
    @Test
    void guessesALengthFromThePreviousMessage() {
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        interleaved.idata(0, 2, 7, 0, 1);
        interleaved.idata(END, 3, 7, 0, 2);
        interleaved.taken();
        interleaved.idata(BEGIN, 4, 7, 1, 0);
        assertEquals(30 + OVERHEAD, interleaved.receiver.heldBytes());
        interleaved.idata(BEGIN, 5, 7, 2, 0);
        assertEquals(30 + 10 + 2 * OVERHEAD, interleaved.receiver.heldBytes());
        interleaved.idata(END, 6, 7, 1, 1);
        interleaved.idata(END, 7, 7, 2, 1);
        assertEquals(List.of("7 4*10 6*10", "7 5*10 7*10"), interleaved.takenFragments());
        interleaved.idata(BEGIN, 8, 7, 3, 0);
        assertEquals(20 + OVERHEAD, interleaved.receiver.heldBytes());
        interleaved.receiver.resetStream(7);
        interleaved.idata(BEGIN, 9, 8, 0, 0);
        assertEquals(20 + 10 + 2 * OVERHEAD, interleaved.receiver.heldBytes());
    }

    /** A fragment that waits, and what it takes to look for it, is held against the window. */
    @Test
    void accountsForFragmentsThatWait() {
        plain.data(0, 3, 7, 0, 100);
        assertEquals(100 + OVERHEAD, plain.receiver.heldBytes());
        plain.data(0, 4, 7, 0, 100);
        assertEquals(2 * (100 + OVERHEAD), plain.receiver.heldBytes());
        plain.data(BEGIN, 1, 7, 0, 100);
        plain.data(0, 2, 7, 0, 100);
        assertEquals(400 + OVERHEAD, plain.receiver.heldBytes());
        interleaved.idata(0, 3, 7, 0, 2);
        interleaved.idata(0, 4, 7, 0, 3);
        assertEquals(512 + 2 * (10 + OVERHEAD), interleaved.receiver.heldBytes());
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        assertEquals(512 + 10 + 2 * 10 + 3 * OVERHEAD, interleaved.receiver.heldBytes());
        interleaved.idata(0, 2, 7, 0, 1);
        assertEquals(40 + OVERHEAD, interleaved.receiver.heldBytes());
    }
}
