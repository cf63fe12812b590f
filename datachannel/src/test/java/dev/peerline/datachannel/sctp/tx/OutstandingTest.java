package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What is counted, and in which order, while chunks go from state to state. */
final class OutstandingTest {
    private final Outstanding outstanding = new Outstanding(-2);

    private SentChunk send() {
        SentChunk chunk = outstanding.append();
        chunk.wireBytes = 116;
        chunk.length = 100;
        chunk.transmissions = 1;
        outstanding.markInFlight(chunk);
        return chunk;
    }

    private void counts(int chunks, int gapAcked) {
        assertEquals(chunks, outstanding.inFlightChunks());
        assertEquals(116L * chunks, outstanding.inFlightBytes());
        assertEquals(100L * chunks, outstanding.inFlightPayloadBytes());
        assertEquals(gapAcked, outstanding.gapAcked());
    }

    private static List<Long> tsns(@Nullable SentChunk first) {
        List<Long> tsns = new ArrayList<>();
        SentChunk before = null;
        for (SentChunk at = first; at != null; at = at.next) {
            assertSame(before, at.previous);
            tsns.add(at.tsn & 0xffff_ffffL);
            before = at;
        }
        return tsns;
    }

    /** RFC 9260 §1.6: "after transmitting TSN 2^32 - 1, the TSN is 0". */
    @Test
    void numbersGoOnBeyondTheLargestOfThirtyTwoBits() {
        assertTrue(outstanding.isEmpty());
        List<Integer> wire = new ArrayList<>();
        for (int i = 0; i < 4; i++) wire.add((int) send().tsn);
        assertEquals(List.of(-2, -1, 0, 1), wire);
        assertEquals(4, outstanding.size());
        assertFalse(outstanding.isEmpty());
        assertEquals(outstanding.nextTsn() - 1, outstanding.unwrap(1));
        assertEquals(outstanding.cumulativeTsn() - 1, outstanding.unwrap(-4));
    }

    @Test
    void everyStateIsLeftWithWhatItCounted() {
        SentChunk one = send();
        SentChunk two = send();
        SentChunk three = send();
        counts(3, 0);
        outstanding.markLost(two);
        counts(2, 0);
        assertSame(two, outstanding.firstLost());
        outstanding.markAcked(three);
        counts(1, 1);
        outstanding.markLost(three);
        counts(1, 0);
        outstanding.markInFlight(two);
        counts(2, 0);
        outstanding.markAbandoned(three);
        counts(2, 0);
        assertEquals(SentChunk.State.ABANDONED, three.state);
        assertNull(outstanding.firstLost());
        outstanding.markAcked(two);
        counts(1, 1);
        outstanding.advanceCumulative(one);
        outstanding.advanceCumulative(two);
        outstanding.advanceCumulative(three);
        counts(0, 0);
        assertTrue(outstanding.isEmpty());
        assertEquals(SentChunk.State.FREE, one.state);
    }

    @Test
    void whatIsLostComesInTheOrderOfItsTsn() {
        SentChunk[] chunks = {send(), send(), send(), send()};
        for (int i : new int[] {2, 0, 3, 1}) outstanding.markLost(chunks[i]);
        assertEquals(List.of(0xffff_fffeL, 0xffff_ffffL, 0L, 1L), tsns(outstanding.firstLost()));
        outstanding.markInFlight(chunks[2]);
        assertEquals(List.of(0xffff_fffeL, 0xffff_ffffL, 1L), tsns(outstanding.firstLost()));
        outstanding.markLost(chunks[2]);
        outstanding.markInFlight(chunks[3]);
        outstanding.markLost(chunks[3]);
        assertEquals(List.of(0xffff_fffeL, 0xffff_ffffL, 0L, 1L), tsns(outstanding.firstLost()));
    }

    @Test
    void whatIsInFlightComesInTheOrderInWhichItWasSent() {
        SentChunk one = send();
        SentChunk two = send();
        SentChunk three = send();
        outstanding.markInFlight(one);
        assertEquals(List.of(0xffff_ffffL, 0L, 0xffff_fffeL), tsns(outstanding.earliestInFlight()));
        assertSame(one, outstanding.latestInFlight());
        outstanding.markLost(three);
        assertEquals(List.of(0xffff_ffffL, 0xffff_fffeL), tsns(outstanding.earliestInFlight()));
        outstanding.markLost(one);
        assertSame(two, outstanding.latestInFlight());
    }

    /** What was sent again meanwhile keeps its place. */
    @Test
    void whatWasTakenForLostIsInFlightBeforeAllThatWasSentLater() {
        SentChunk one = send();
        SentChunk two = send();
        SentChunk three = send();
        SentChunk four = send();
        outstanding.markLost(one);
        outstanding.markLost(two);
        outstanding.markLost(three);
        three.transmissions = 2;
        outstanding.restoreLost();
        assertEquals(List.of(0xffff_fffeL, 0xffff_ffffL, 1L), tsns(outstanding.earliestInFlight()));
        assertSame(four, outstanding.latestInFlight());
        assertEquals(List.of(0L), tsns(outstanding.firstLost()));
        counts(3, 0);
    }

    @Test
    void whatIsRestoredAloneIsFirstAndLast() {
        SentChunk one = send();
        outstanding.markLost(one);
        assertNull(outstanding.latestInFlight());
        outstanding.restoreLost();
        assertSame(one, outstanding.earliestInFlight());
        assertSame(one, outstanding.latestInFlight());
    }

    /** The ring grows under what is in it, also when it does not begin at its first place. */
    @Test
    void growsToItsLimitAndKeepsEveryChunk() {
        for (int i = 0; i < 10; i++) outstanding.advanceCumulative(send());
        List<SentChunk> chunks = new ArrayList<>();
        while (outstanding.hasRoom()) chunks.add(send());
        assertEquals(32768, chunks.size());
        for (SentChunk chunk : chunks) assertSame(chunk, outstanding.at(chunk.tsn));
        counts(32768, 0);
        outstanding.advanceCumulative(chunks.getFirst());
        assertTrue(outstanding.hasRoom());
        assertNotNull(send());
        assertFalse(outstanding.hasRoom());
    }

    @Test
    void aPlaceThatIsUsedAgainHoldsNothingOfBefore() {
        for (int i = 0; i < 64; i++) {
            SentChunk chunk = send();
            chunk.message = new OutgoingMessage();
            chunk.transmissions = 7;
            outstanding.advanceCumulative(chunk);
            assertNull(chunk.message);
        }
        assertEquals(0, outstanding.append().transmissions);
    }
}
