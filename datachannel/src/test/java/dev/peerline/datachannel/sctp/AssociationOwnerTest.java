package dev.peerline.datachannel.sctp;

import static dev.peerline.datachannel.sctp.LoneAssociation.MILLIS;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TSN;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.BufferedAmountLow;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** What the owner of an association may ask of it, and what it is told. */
final class AssociationOwnerTest {
    private final LoneAssociation lone = new LoneAssociation();
    private final Association association = lone.association;

    private SendResult send(int streamId) {
        return association.send(streamId, new byte[10], Options.reliable(53));
    }

    @Test
    void takesMessagesOnTheStreamsThereAre() {
        Association before = new Association(SctpConfig.defaults().withStreams(10), 1);
        Options options = Options.reliable(53);
        assertEquals(SendResult.NO_SUCH_STREAM, before.send(-1, new byte[1], options));
        assertEquals(SendResult.QUEUED, before.send(0, new byte[1], options));
        assertEquals(SendResult.QUEUED, before.send(9, new byte[1], options));
        assertEquals(SendResult.NO_SUCH_STREAM, before.send(10, new byte[1], options));
        assertEquals(SendResult.NO_SUCH_STREAM, send(65535));
        assertThrows(
                IllegalArgumentException.class, () -> association.send(1, new byte[0], options));
    }

    @Test
    void takesNoMoreThanItsQueueHolds() {
        LoneAssociation small =
                new LoneAssociation(SctpConfig.defaults().withMemory(1000, 2000, 2000, 1000));
        small.send(1, 1000);
        assertEquals(
                SendResult.QUEUE_FULL,
                small.association.send(1, new byte[1], Options.reliable(53)));
        assertEquals(1000, small.association.bufferedAmount(1));
        small.association.discardQueued(1);
        assertEquals(0, small.association.bufferedAmount(1));
        small.send(1, 1000);
    }

    @Test
    void tellsWhenAQueueHasBecomeShort() {
        association.bufferedAmountLowThreshold(0, 5);
        lone.send(0, 10);
        lone.sent();
        assertEquals(new BufferedAmountLow(0), association.nextEvent());
        assertEquals(0, association.bufferedAmount(0));
        association.bufferedAmountLowThreshold(7, 2000);
        lone.acknowledge(1);
        lone.send(7, 3000);
        assertTrue(association.bufferedAmount(7) > 2000);
        byte[] one = new byte[SctpConfig.SAFE_PACKET_BYTES];
        assertTrue(association.transmit(one, 0, lone.now) > 1000);
        assertEquals(new BufferedAmountLow(7), association.nextEvent());
        assertTrue(association.bufferedAmount(7) > 0);
    }

    /** The first packets of two streams share by weight. */
    @Test
    void streamsShareByTheirWeight() {
        association.weight(1, 65535);
        association.weight(2, 1);
        lone.send(2, 100_000);
        lone.send(1, 100_000);
        int heavy = 0;
        int all = 0;
        DataFields fields = new DataFields();
        for (byte[] packet : lone.sent()) {
            all++;
            IDataChunk.read(RawPeer.find(packet, ChunkType.I_DATA), fields);
            if (fields.streamId() == 1) heavy++;
        }
        assertTrue(all > 5 && heavy >= all - 1, heavy + " of " + all);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "1, true", "65535, true", "65536, false"})
    void aWeightHasSixteenBits(int weight, boolean good) {
        if (good) association.weight(1, weight);
        else assertThrows(IllegalArgumentException.class, () -> association.weight(1, weight));
    }

    /** A packet needs its room, counted from where it is to begin. */
    @Test
    void writesOnlyWhereThereIsRoom() {
        int most = SctpConfig.SAFE_PACKET_BYTES;
        lone.send(1, 10);
        IllegalArgumentException thrown =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> association.transmit(new byte[most + 9], 10, lone.now));
        assertEquals("out must have room for maxPacketBytes: " + (most - 1), thrown.getMessage());
        assertTrue(association.transmit(new byte[most + 10], 10, lone.now) > 0);
    }

    /** A quiet stream beside a busy one, whose owner may wait for the answer. */
    @Test
    void saysThatAQuietStreamHasSpoken() {
        assertFalse(association.takeQuietSent());
        lone.send(1, 500_000);
        lone.send(2, 10);
        lone.sent();
        assertTrue(association.takeQuietSent());
        assertFalse(association.takeQuietSent());
    }

    @Test
    void asksThePeerForASignOfLife() {
        association.probe();
        assertEquals(List.of(ChunkType.HEARTBEAT), lone.sentTypes());
        assertEquals(lone.now + 400 * MILLIS, association.deadlineNanos());
    }

    /** RFC 9260 §8.1: exactly so many timeouts in a row. */
    @Test
    void givesUpAfterOneMissedHeartbeatTooMany() {
        int asked = 0;
        while (association.state() == State.ESTABLISHED)
            if (lone.atDeadline().contains(ChunkType.HEARTBEAT)) asked++;
        assertEquals(1 + SctpConfig.defaults().timing().maxRetransmissions(), asked);
        assertEquals(CloseReason.PEER_UNREACHABLE, lone.closed().reason());
        assertEquals(Long.MAX_VALUE, association.deadlineNanos());
    }

    /** On a path that has changed the peer is asked, and what it has sent is acknowledged. */
    @Test
    void speaksAtOnceWhenThePathHasChanged() {
        association.probe();
        lone.sent();
        for (int i = 0; i < 3; i++) lone.atDeadline();
        lone.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 10));
        association.pathChanged(lone.now);
        assertEquals(List.of(ChunkType.HEARTBEAT, ChunkType.SACK), lone.sentTypes());
        // What was missed on the old path is forgiven: the next wait is a first one.
        assertEquals(lone.now + 400 * MILLIS, association.deadlineNanos());
    }

    /** The end is the last event, and what came before it is still told. */
    @Test
    void tellsWhatCameBeforeTheEnd() {
        lone.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 10));
        association.abort("");
        assertTrue(association.nextEvent() instanceof AssociationEvent.Message);
        assertTrue(association.nextEvent() instanceof AssociationEvent.Closed);
        assertNull(association.nextEvent());
    }
}
