package dev.peerline.datachannel.sctp.rx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Which TSNs were received, and what the SACK says of it (RFC 9260 §6.2, §3.3.4). */
final class TsnTrackerTest {
    private final TsnTracker tracker = new TsnTracker(100);

    private static String sack(TsnTracker tracker, int maxBytes) {
        byte[] packet = new byte[maxBytes];
        PacketWriter writer = new PacketWriter();
        writer.begin(packet, 0, maxBytes);
        tracker.writeSack(writer, 5000);
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, writer.position());
        assertTrue(cursor.next());
        SackChunk sack = new SackChunk();
        assertNull(sack.read(cursor));
        assertEquals(5000, sack.advertisedReceiverWindow());
        StringBuilder text = new StringBuilder(Integer.toUnsignedString(sack.cumulativeTsn()));
        for (int i = 0; i < sack.gaps(); i++)
            text.append(" [").append(sack.gapStart(i)).append('-').append(sack.gapEnd(i) + "]");
        for (int i = 0; i < sack.duplicates(); i++)
            text.append(" x").append(Integer.toUnsignedString(sack.duplicate(i)));
        return text.toString();
    }

    private String sack() {
        return sack(tracker, 1200);
    }

    private void add(int... tsns) {
        for (int tsn : tsns) tracker.add(tracker.unwrap(tsn));
    }

    /** Before anything came, the cumulative TSN is the one before the first. */
    @Test
    void beginsBeforeTheInitialTsn() {
        assertEquals("99", sack());
        assertFalse(tracker.hasGaps());
        assertEquals(tracker.cumulativeTsn(), tracker.highestTsn());
    }

    /** §3.3.4: "the Cumulative TSN Ack is added to this offset number". */
    @Test
    void tellsWhatIsBeyondAGap() {
        add(100, 102, 103, 106);
        assertEquals("100 [2-3] [6-6]", sack());
        assertTrue(tracker.hasGaps());
        assertTrue(tracker.wasReceived(tracker.unwrap(102)));
        assertFalse(tracker.wasReceived(tracker.unwrap(104)));
        assertFalse(tracker.wasReceived(tracker.unwrap(107)));
        add(101);
        assertEquals("103 [3-3]", sack());
        add(105, 104);
        assertEquals("106", sack());
        assertFalse(tracker.hasGaps());
    }

    /** §6.2: a duplicate is told in the next SACK, each time that it came. */
    @Test
    void tellsDuplicatesOnce() {
        add(100);
        tracker.addDuplicate(100);
        tracker.addDuplicate(100);
        assertEquals("100 x100 x100", sack());
        assertEquals("100", sack());
    }

    @Test
    void tellsNoMoreDuplicatesThanItRemembers() {
        for (int i = 0; i < 100; i++) tracker.addDuplicate(99);
        assertEquals("99" + " x99".repeat(16), sack());
    }

    /** What does not fit into the packet is left out: gap blocks go before duplicates. */
    @ParameterizedTest
    @ValueSource(ints = {28, 32, 36, 40, 44})
    void staysWithinThePacket(int maxBytes) {
        add(101, 103, 105);
        tracker.addDuplicate(101);
        String[] expected = {"99", "99 [2-2]", "99 [2-2] [4-4]", "99 [2-2] [4-4] [6-6]"};
        int room = (maxBytes - 28) / 4;
        String text = room < 4 ? expected[room] : expected[3] + " x101";
        assertEquals(text, sack(tracker, maxBytes));
    }

    /** §1.6: TSNs go on with 0 after 2**32 - 1. */
    @Test
    void goesOnOverTheEndOfTheNumbers() {
        TsnTracker wrapping = new TsnTracker(-2);
        for (int tsn : new int[] {-2, 0, 1}) wrapping.add(wrapping.unwrap(tsn));
        assertEquals("4294967294 [2-3]", sack(wrapping, 1200));
        wrapping.add(wrapping.unwrap(-1));
        assertEquals("1", sack(wrapping, 1200));
        assertTrue(wrapping.wasReceived(wrapping.unwrap(-1)));
        assertFalse(wrapping.wasReceived(wrapping.unwrap(2)));
    }

    @Test
    void listensNoFurtherThanAGapBlockReaches() {
        assertFalse(tracker.isTooFar(tracker.unwrap(99 + TsnTracker.WINDOW - 1)));
        assertTrue(tracker.isTooFar(tracker.unwrap(99 + TsnTracker.WINDOW)));
        add(99 + TsnTracker.WINDOW - 1);
        assertEquals("99 [32767-32767]", sack());
    }

    /** RFC 3758 §3.6: the cumulative TSN moves, and over what had been received beyond it. */
    @Test
    void movesForward() {
        add(101, 103, 104, 107);
        tracker.forwardTo(tracker.unwrap(102));
        assertEquals("104 [3-3]", sack());
        tracker.forwardTo(tracker.unwrap(90));
        assertEquals("104 [3-3]", sack());
        tracker.forwardTo(tracker.unwrap(107));
        assertEquals("107", sack());
        tracker.forwardTo(tracker.unwrap(200));
        assertEquals("200", sack());
        assertFalse(tracker.hasGaps());
        add(201);
        assertEquals("201", sack());
    }

    /** Against a set of numbers, over every kind of gap, far beyond one turn of the bits. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void agreesWithASetOfNumbers(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int first = random.nextInt();
        TsnTracker tested = new TsnTracker(first);
        long base = tested.cumulativeTsn();
        long cumulative = base;
        NavigableSet<Long> beyond = new TreeSet<>();
        for (int i = 0; i < 60_000; i++) {
            long tsn = cumulative + 1 + (random.nextInt(3) == 0 ? random.nextLong(150) : 0);
            if (random.nextInt(500) == 0) tsn = cumulative + random.nextLong(1, TsnTracker.WINDOW);
            if (random.nextInt(200) == 0) {
                cumulative += random.nextLong(300);
                tested.forwardTo(cumulative);
            } else {
                assertEquals(beyond.contains(tsn), tested.wasReceived(tsn), "seed " + seed);
                if (beyond.add(tsn)) tested.add(tsn);
            }
            while (!beyond.isEmpty() && beyond.first() <= cumulative + 1)
                cumulative = Math.max(cumulative, beyond.pollFirst());
            assertEquals(cumulative, tested.cumulativeTsn(), "seed " + seed);
            assertEquals(!beyond.isEmpty(), tested.hasGaps(), "seed " + seed);
            if (i % 100 == 0) assertEquals(gaps(cumulative, beyond), sack(tested, 60_000));
        }
        assertTrue(cumulative - base > TsnTracker.WINDOW, "more than one turn");
    }

    private static String gaps(long cumulative, NavigableSet<Long> beyond) {
        StringBuilder text = new StringBuilder(Integer.toUnsignedString((int) cumulative));
        long begin = -1;
        for (long tsn : beyond) {
            if (begin < 0 || !beyond.contains(tsn - 1)) begin = tsn - cumulative;
            if (!beyond.contains(tsn + 1))
                text.append(" [").append(begin).append('-').append(tsn - cumulative).append(']');
        }
        return text.toString();
    }
}
