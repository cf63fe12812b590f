package dev.peerline.datachannel.sctp.rx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the receiver does when its peer has given up (RFC 3758 §3.6, RFC 8260 §2.3.1). */
final class ForwardTsnTest {
    private static final int BEGIN = DataFields.BEGIN;
    private static final int END = DataFields.END;
    private static final int WHOLE = BEGIN | END;
    private static final int UNORDERED = DataFields.UNORDERED;
    private static final long NOW = 1_000_000_000L;

    private final List<ReceivedMessage> delivered = new ArrayList<>();
    private final Receiver plain = receiver(false);
    private final Receiver interleaved = receiver(true);

    private Receiver receiver(boolean interleaving) {
        return new Receiver(
                new Receiver.Settings(1, interleaving, 100_000, 1 << 20, 1 << 20, 20_000_000),
                delivered::add);
    }

    private static void data(
            Receiver to, int flags, int tsn, int streamId, int sequence, int size) {
        byte[] packet = new byte[2000];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        DataChunk.begin(out, flags, tsn, streamId);
        out.put16(sequence);
        out.put32(53);
        take(to, packet, out, tsn, size, false);
    }

    private static void idata(
            Receiver to, int flags, int tsn, int streamId, int messageId, int fragment) {
        byte[] packet = new byte[2000];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        IDataChunk.begin(out, flags, tsn, streamId);
        out.put32(messageId);
        out.put32((flags & BEGIN) != 0 ? 53 : fragment);
        take(to, packet, out, tsn, 10, true);
    }

    private static void take(
            Receiver to, byte[] packet, PacketWriter out, int tsn, int size, boolean interleaved) {
        byte[] payload = new byte[size];
        Arrays.fill(payload, (byte) tsn);
        out.put(payload);
        out.endChunk();
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.position());
        assertTrue(cursor.next());
        DataFields fields = new DataFields();
        assertNull(interleaved ? IDataChunk.read(cursor, fields) : DataChunk.read(cursor, fields));
        assertNull(to.onData(fields, packet, NOW));
        to.onPacketEnd(NOW);
    }

    private static void forward(Receiver to, int tsn, Skipped... skipped) {
        to.onForwardTsn(new ForwardTsnChunk(tsn, List.of(skipped)));
        to.onPacketEnd(NOW);
    }

    private static Skipped ordered(int streamId, int id) {
        return new Skipped(streamId, false, id);
    }

    /** The first byte of each message that was delivered: the TSN it began with. */
    private List<Integer> taken(Receiver from) {
        List<Integer> began = new ArrayList<>();
        for (ReceivedMessage message : delivered) {
            began.add((int) message.data()[0]);
            from.taken(message);
        }
        delivered.clear();
        return began;
    }

    private static void sack(Receiver receiver) {
        PacketWriter out = new PacketWriter();
        out.begin(new byte[1200], 0, 1200);
        receiver.writeSack(out);
    }

    /** §3.6: what had waited for the skipped message is delivered. */
    @Test
    void deliversWhatWaitedForWhatIsGivenUp() {
        data(plain, WHOLE, 2, 7, 1, 10);
        data(plain, WHOLE, 3, 7, 2, 10);
        data(plain, WHOLE, 4, 8, 1, 10);
        assertEquals(List.of(), taken(plain));
        forward(plain, 1, ordered(7, 0));
        assertEquals(List.of(2, 3), taken(plain));
        forward(plain, 5, ordered(8, 0));
        assertEquals(List.of(4), taken(plain));
        assertEquals(5, plain.cumulativeTsn());
        assertEquals(0, plain.heldBytes());
    }

    /** What waits before the skipped message is delivered too, in order. */
    @Test
    void deliversWhatWaitsOnBothSidesOfAHole() {
        data(plain, WHOLE, 2, 7, 1, 10);
        data(plain, WHOLE, 4, 7, 3, 10);
        data(plain, WHOLE, 6, 7, 5, 10);
        forward(plain, 3, ordered(7, 2));
        assertEquals(List.of(2, 4), taken(plain));
        forward(plain, 5, ordered(7, 4));
        assertEquals(List.of(6), taken(plain));
    }

    /** §3.6: one that is out of date is answered by a SACK, and moves nothing. */
    @Test
    void answersAnOldOneWithASack() {
        data(plain, WHOLE, 1, 7, 0, 10);
        data(plain, WHOLE, 2, 7, 1, 10);
        sack(plain);
        data(plain, WHOLE, 4, 7, 3, 10);
        sack(plain);
        assertFalse(plain.isSackDue());
        forward(plain, 2, ordered(7, 2));
        assertTrue(plain.isSackDue());
        assertEquals(2, plain.cumulativeTsn());
        assertEquals(List.of(1, 2), taken(plain));
    }

    @ParameterizedTest
    @ValueSource(ints = {TsnTracker.WINDOW, 1 << 30, Integer.MIN_VALUE, -5})
    void doesNotFollowAWildOne(int tsn) {
        forward(plain, tsn, ordered(7, 3));
        assertEquals(0, plain.cumulativeTsn());
        data(plain, WHOLE, 1, 7, 0, 10);
        assertEquals(List.of(1), taken(plain));
    }

    /** What comes late is a duplicate: it was counted as received. */
    @Test
    void doesNotDeliverWhatWasSkipped() {
        forward(plain, 2, ordered(7, 1));
        data(plain, WHOLE, 1, 7, 0, 10);
        data(plain, WHOLE, 2, 7, 1, 10);
        data(plain, WHOLE, 3, 7, 2, 10);
        assertEquals(List.of(3), taken(plain));
        assertEquals(2, plain.duplicateChunks());
    }

    /** Of a message that will stay incomplete nothing is kept: begin, middle or end. */
    @Test
    void keepsNoFragmentsOfWhatIsGivenUp() {
        data(plain, BEGIN, 1, 7, 0, 1000);
        data(plain, 0, 3, 7, 0, 1000);
        data(plain, END | UNORDERED, 6, 7, 0, 1000);
        assertTrue(plain.heldBytes() > 3000);
        forward(plain, 6, ordered(7, 0));
        assertEquals(0, plain.heldBytes());
        data(plain, WHOLE, 7, 7, 1, 10);
        assertEquals(List.of(7), taken(plain));
        assertEquals(0, plain.heldBytes());
    }

    /** What has begun beyond the new cumulative TSN goes on. */
    @Test
    void leavesAloneWhatIsBeyondIt() {
        data(plain, BEGIN, 3, 8, 0, 10);
        data(plain, END, 5, 8, 0, 10);
        forward(plain, 2, ordered(7, 0));
        data(plain, 0, 4, 8, 0, 10);
        assertEquals(List.of(3), taken(plain));
        assertEquals(5, plain.cumulativeTsn());
    }

    /** Stream sequence numbers have 16 bits, and go on with 0. */
    @Test
    void skipsOverTheEndOfTheSequenceNumbers() {
        data(plain, WHOLE, 1, 7, 0, 10);
        forward(plain, 2, ordered(7, 0x7fff));
        forward(plain, 3, ordered(7, 0xfffe));
        data(plain, WHOLE, 5, 7, 0, 10);
        assertEquals(List.of(1), taken(plain));
        forward(plain, 4, ordered(7, 0xffff));
        assertEquals(List.of(5), taken(plain));
    }

    /** A number before the next one has been delivered or skipped: nothing is done twice. */
    @Test
    void doesNotGoBackOnAStream() {
        for (int i = 0; i < 3; i++) data(plain, WHOLE, 1 + i, 7, i, 10);
        forward(plain, 4, ordered(7, 1));
        data(plain, WHOLE, 5, 7, 3, 10);
        assertEquals(List.of(1, 2, 3, 5), taken(plain));
    }

    /** A stream of which nothing was ever received may be skipped on. */
    @Test
    void skipsOnAStreamThatNeverSpoke() {
        forward(plain, 1, ordered(65_535, 41));
        data(plain, WHOLE, 2, 65_535, 42, 10);
        assertEquals(List.of(2), taken(plain));
    }

    /** A jump over four billion messages takes no four billion steps. */
    @Test
    void jumpsFarWithoutCounting() {
        idata(interleaved, WHOLE, 2, 7, 1_000_000_000, 0);
        forward(interleaved, 1, ordered(7, 2_000_000_000));
        assertEquals(List.of(2), taken(interleaved));
        idata(interleaved, WHOLE, 3, 7, 2_000_000_001, 0);
        assertEquals(List.of(3), taken(interleaved));
    }

    /** RFC 8260 §2.3.1: the U bit says which of the two numberings is meant. */
    @Test
    void keepsOrderedAndUnorderedMessagesApart() {
        idata(interleaved, BEGIN, 1, 7, 0, 0);
        idata(interleaved, BEGIN | UNORDERED, 2, 7, 0, 0);
        forward(interleaved, 3, new Skipped(7, true, 0));
        assertTrue(interleaved.heldBytes() > 0);
        idata(interleaved, END, 4, 7, 0, 1);
        assertEquals(List.of(1), taken(interleaved));
        assertEquals(0, interleaved.heldBytes());
    }

    /** Later messages of the stream, and other streams, keep their fragments. */
    @Test
    void dropsNoMoreThanTheMessagesThatAreNamed() {
        idata(interleaved, BEGIN, 1, 7, 4, 0);
        idata(interleaved, 0, 2, 7, 5, 1);
        idata(interleaved, BEGIN, 3, 7, 6, 0);
        idata(interleaved, BEGIN, 4, 8, 0, 0);
        forward(interleaved, 5, ordered(7, 5));
        idata(interleaved, END, 6, 7, 6, 1);
        idata(interleaved, END, 7, 8, 0, 1);
        assertEquals(List.of(3, 4), taken(interleaved));
        assertEquals(0, interleaved.heldBytes());
    }
}
