package dev.peerline.datachannel.sctp.rx;

import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.BEGIN;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.END;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.UNORDERED;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.WHOLE;
import static dev.peerline.datachannel.sctp.rx.ReceiverFixture.ordered;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** What the receiver does when its peer has given up (RFC 3758 §3.6, RFC 8260 §2.3.1). */
final class ForwardTsnTest {
    private final ReceiverFixture plain = new ReceiverFixture(false);
    private final ReceiverFixture interleaved = new ReceiverFixture(true);

    /** §3.6: what had waited for the skipped message is delivered. */
    @Test
    void deliversWhatWaitedForWhatIsGivenUp() {
        plain.data(WHOLE, 2, 7, 1, 10);
        plain.data(WHOLE, 3, 7, 2, 10);
        plain.data(WHOLE, 4, 8, 1, 10);
        assertEquals(List.of(), plain.taken());
        plain.forward(1, ordered(7, 0));
        assertEquals(List.of(2, 3), plain.taken());
        plain.forward(5, ordered(8, 0));
        assertEquals(List.of(4), plain.taken());
        assertEquals(5, plain.receiver.cumulativeTsn());
        assertEquals(0, plain.receiver.heldBytes());
    }

    /** What waits before the skipped message is delivered too, in order. */
    @Test
    void deliversWhatWaitsOnBothSidesOfAHole() {
        plain.data(WHOLE, 2, 7, 1, 10);
        plain.data(WHOLE, 4, 7, 3, 10);
        plain.data(WHOLE, 6, 7, 5, 10);
        plain.forward(3, ordered(7, 2));
        assertEquals(List.of(2, 4), plain.taken());
        plain.forward(5, ordered(7, 4));
        assertEquals(List.of(6), plain.taken());
    }

    /** §3.6: one that is out of date is answered by a SACK, and moves nothing. */
    @Test
    void answersAnOldOneWithASack() {
        plain.data(WHOLE, 1, 7, 0, 10);
        plain.data(WHOLE, 2, 7, 1, 10);
        plain.sack();
        plain.data(WHOLE, 4, 7, 3, 10);
        plain.sack();
        assertFalse(plain.receiver.isSackDue());
        plain.forward(2, ordered(7, 2));
        assertTrue(plain.receiver.isSackDue());
        assertEquals(2, plain.receiver.cumulativeTsn());
        assertEquals(List.of(1, 2), plain.taken());
    }

    @ParameterizedTest
    @ValueSource(ints = {TsnTracker.WINDOW, 1 << 30, Integer.MIN_VALUE, -5})
    void doesNotFollowAWildOne(int tsn) {
        plain.forward(tsn, ordered(7, 3));
        assertEquals(0, plain.receiver.cumulativeTsn());
        plain.data(WHOLE, 1, 7, 0, 10);
        assertEquals(List.of(1), plain.taken());
    }

    /** What comes late is a duplicate: it was counted as received. */
    @Test
    void doesNotDeliverWhatWasSkipped() {
        plain.forward(2, ordered(7, 1));
        plain.data(WHOLE, 1, 7, 0, 10);
        plain.data(WHOLE, 2, 7, 1, 10);
        plain.data(WHOLE, 3, 7, 2, 10);
        assertEquals(List.of(3), plain.taken());
        assertEquals(2, plain.receiver.duplicateChunks());
    }

    /** Of a message that will stay incomplete nothing is kept: begin, middle or end. */
    @Test
    void keepsNoFragmentsOfWhatIsGivenUp() {
        plain.data(BEGIN, 1, 7, 0, 1000);
        plain.data(0, 3, 7, 0, 1000);
        plain.data(END | UNORDERED, 6, 7, 0, 1000);
        assertTrue(plain.receiver.heldBytes() > 3000);
        plain.forward(6, ordered(7, 0));
        assertEquals(0, plain.receiver.heldBytes());
        plain.data(WHOLE, 7, 7, 1, 10);
        assertEquals(List.of(7), plain.taken());
        assertEquals(0, plain.receiver.heldBytes());
    }

    /** What has begun beyond the new cumulative TSN goes on. */
    @Test
    void leavesAloneWhatIsBeyondIt() {
        plain.data(BEGIN, 3, 8, 0, 10);
        plain.data(END, 5, 8, 0, 10);
        plain.forward(2, ordered(7, 0));
        plain.data(0, 4, 8, 0, 10);
        assertEquals(List.of(3), plain.taken());
        assertEquals(5, plain.receiver.cumulativeTsn());
    }

    /** Stream sequence numbers have 16 bits, and go on with 0. */
    @Test
    void skipsOverTheEndOfTheSequenceNumbers() {
        plain.data(WHOLE, 1, 7, 0, 10);
        plain.forward(2, ordered(7, 0x7fff));
        plain.forward(3, ordered(7, 0xfffe));
        plain.data(WHOLE, 5, 7, 0, 10);
        assertEquals(List.of(1), plain.taken());
        plain.forward(4, ordered(7, 0xffff));
        assertEquals(List.of(5), plain.taken());
    }

    /** A number before the next one has been delivered or skipped: nothing is done twice. */
    @Test
    void doesNotGoBackOnAStream() {
        for (int i = 0; i < 3; i++) plain.data(WHOLE, 1 + i, 7, i, 10);
        plain.forward(4, ordered(7, 1));
        plain.data(WHOLE, 5, 7, 3, 10);
        assertEquals(List.of(1, 2, 3, 5), plain.taken());
    }

    /** A stream of which nothing was ever received may be skipped on. */
    @Test
    void skipsOnAStreamThatNeverSpoke() {
        plain.forward(1, ordered(65_535, 41));
        plain.data(WHOLE, 2, 65_535, 42, 10);
        assertEquals(List.of(2), plain.taken());
    }

    /** A jump over four billion messages takes no four billion steps. */
    @Test
    void jumpsFarWithoutCounting() {
        interleaved.idata(WHOLE, 2, 7, 1_000_000_000, 0);
        interleaved.forward(1, ordered(7, 2_000_000_000));
        assertEquals(List.of(2), interleaved.taken());
        interleaved.idata(WHOLE, 3, 7, 2_000_000_001, 0);
        assertEquals(List.of(3), interleaved.taken());
    }

    /** RFC 8260 §2.3.1: the U bit says which of the two numberings is meant. */
    @Test
    void keepsOrderedAndUnorderedMessagesApart() {
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        interleaved.idata(BEGIN | UNORDERED, 2, 7, 0, 0);
        interleaved.forward(3, new Skipped(7, true, 0));
        assertTrue(interleaved.receiver.heldBytes() > 0);
        interleaved.idata(END, 4, 7, 0, 1);
        assertEquals(List.of(1), interleaved.taken());
        assertEquals(0, interleaved.receiver.heldBytes());
    }

    /** Later messages of the stream, and other streams, keep their fragments. */
    @Test
    void dropsNoMoreThanTheMessagesThatAreNamed() {
        interleaved.idata(BEGIN, 1, 7, 4, 0);
        interleaved.idata(0, 2, 7, 5, 1);
        interleaved.idata(BEGIN, 3, 7, 6, 0);
        interleaved.idata(BEGIN, 4, 8, 0, 0);
        interleaved.forward(5, ordered(7, 5));
        interleaved.idata(END, 6, 7, 6, 1);
        interleaved.idata(END, 7, 8, 0, 1);
        assertEquals(List.of(3, 4), interleaved.taken());
        assertEquals(0, interleaved.receiver.heldBytes());
    }

    /** §3.6: a message whose next fragment is the new cumulative TSN will stay incomplete. */
    @Test
    void givesUpAMessageWhoseNextFragmentIsTheLastOneSkipped() {
        plain.data(BEGIN, 1, 7, 0, 1000);
        plain.forward(2, ordered(7, 0));
        assertEquals(0, plain.receiver.heldBytes());
    }

    /** What was dropped, or is whole, gives no memory back once more. */
    @Test
    void givesMemoryBackOnce() {
        plain.data(BEGIN, 1, 7, 0, 1000);
        plain.data(END, 2, 7, 0, 1000);
        plain.taken();
        plain.data(BEGIN, 3, 7, 1, 1000);
        plain.data(0, 5, 7, 1, 1000);
        plain.forward(6, ordered(7, 1));
        plain.forward(7, ordered(7, 2));
        assertEquals(0, plain.receiver.heldBytes());
        interleaved.idata(BEGIN, 1, 7, 0, 0);
        interleaved.idata(END, 2, 7, 0, 1);
        interleaved.taken();
        interleaved.idata(BEGIN, 3, 7, 1, 0);
        interleaved.idata(0, 5, 7, 2, 1);
        interleaved.forward(6, ordered(7, 2));
        interleaved.forward(7, ordered(7, 3));
        assertEquals(0, interleaved.receiver.heldBytes());
    }

    /** RFC 8260 §2.3.1: fragments that wait for the beginning of a later message go on waiting. */
    @Test
    void keepsTheFragmentsOfLaterMessages() {
        interleaved.idata(END, 3, 7, 5, 1);
        interleaved.idata(END, 5, 8, 0, 1);
        interleaved.forward(1, ordered(7, 4));
        interleaved.idata(BEGIN, 2, 7, 5, 0);
        interleaved.idata(BEGIN, 4, 8, 0, 0);
        assertEquals(List.of("7 2*10 3*10", "8 4*10 5*10"), interleaved.takenFragments());
        assertEquals(0, interleaved.receiver.heldBytes());
    }
}
