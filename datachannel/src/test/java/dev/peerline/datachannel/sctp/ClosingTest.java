package dev.peerline.datachannel.sctp;

import static dev.peerline.datachannel.sctp.LoneAssociation.MILLIS;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TAG;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TSN;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/** How an association ends, packet by packet (RFC 9260 §9, §8.4, §8.5.1). */
final class ClosingTest {
    private static final Closed SHUT_DOWN = new Closed(CloseReason.SHUTDOWN, "");

    private final LoneAssociation lone = new LoneAssociation();

    private void give(int type) {
        lone.give(out -> LoneAssociation.bare(out, type));
    }

    private void giveShutdown(int cumulativeTsn) {
        lone.give(out -> SimpleChunks.writeShutdown(out, cumulativeTsn));
    }

    private void assertSends(int type, int flags, int tag) {
        byte[] packet = lone.only();
        assertEquals(List.of(type), RawPeer.types(packet));
        assertEquals(flags, RawPeer.find(packet, type).flags());
        assertEquals(tag, RawPeer.tag(packet));
    }

    /** §9.2: SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE. */
    @Test
    void asksForTheEndWhenNothingIsOutstanding() {
        lone.association.shutdown(lone.now);
        assertEquals(State.SHUTDOWN_SENT, lone.association.state());
        ChunkCursor shutdown = lone.chunk(ChunkType.SHUTDOWN);
        assertEquals(PEER_TSN - 1, Bytes.i32(shutdown.bytes(), shutdown.valueStart()));
        give(ChunkType.SHUTDOWN_ACK);
        assertSends(ChunkType.SHUTDOWN_COMPLETE, 0, PEER_TAG);
        assertEquals(List.of(SHUT_DOWN), lone.events());
        assertEquals(Long.MAX_VALUE, lone.association.deadlineNanos());
    }

    /** §9.2: "remains in the SHUTDOWN-PENDING state until all outstanding data has been acked". */
    @Test
    void waitsForWhatIsOutstanding() {
        lone.send(1, 10);
        lone.association.shutdown(lone.now);
        assertEquals(State.SHUTDOWN_PENDING, lone.association.state());
        assertEquals(
                SendResult.CLOSED, lone.association.send(1, new byte[1], Options.reliable(53)));
        assertEquals(List.of(ChunkType.I_DATA), lone.sentTypes());
        // The peer still may send.
        lone.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 10));
        assertEquals(1, lone.events().size());
        lone.acknowledge(1);
        assertEquals(State.SHUTDOWN_SENT, lone.association.state());
        assertTrue(lone.sentTypes().contains(ChunkType.SHUTDOWN));
    }

    /** §9.2: the SHUTDOWN's cumulative TSN acknowledges, too. */
    @Test
    void answersWhenThePeersShutdownAcknowledgesEverything() {
        lone.send(1, 10);
        lone.sent();
        giveShutdown(lone.tsn - 1);
        assertEquals(State.SHUTDOWN_RECEIVED, lone.association.state());
        assertTrue(lone.sent().isEmpty());
        // "DATA … MUST be discarded" from a peer that has said it has no more.
        lone.give(
                out -> {
                    LoneAssociation.data(out, PEER_TSN, 1, 0, 10);
                    LoneAssociation.heartbeat(out);
                });
        assertEquals(List.of(ChunkType.HEARTBEAT_ACK), lone.sentTypes());
        assertEquals(List.of(), lone.events());
        giveShutdown(lone.tsn);
        assertEquals(State.SHUTDOWN_ACK_SENT, lone.association.state());
        assertSends(ChunkType.SHUTDOWN_ACK, 0, PEER_TAG);
        giveShutdown(lone.tsn);
        assertSends(ChunkType.SHUTDOWN_ACK, 0, PEER_TAG);
        give(ChunkType.SHUTDOWN_COMPLETE);
        assertEquals(List.of(SHUT_DOWN), lone.events());
        assertTrue(lone.sent().isEmpty());
    }

    /** A SHUTDOWN too short for its TSN is none. */
    @Test
    void takesNoShutdownWithoutATsn() {
        lone.give(out -> RawPeer.chunk(out, ChunkType.SHUTDOWN, 0, new byte[3]));
        assertEquals(State.ESTABLISHED, lone.association.state());
    }

    /** §9.2: a SHUTDOWN in SHUTDOWN-SENT: "send a SHUTDOWN ACK, and … start its T2-shutdown". */
    @Test
    void bothMayAskForTheEnd() {
        lone.association.shutdown(lone.now);
        lone.sent();
        giveShutdown(lone.tsn - 1);
        assertEquals(State.SHUTDOWN_ACK_SENT, lone.association.state());
        assertSends(ChunkType.SHUTDOWN_ACK, 0, PEER_TAG);
        give(ChunkType.SHUTDOWN_ACK);
        assertSends(ChunkType.SHUTDOWN_COMPLETE, 0, PEER_TAG);
        assertEquals(List.of(SHUT_DOWN), lone.events());
    }

    /** §9.2: DATA in SHUTDOWN-SENT is answered by SACK and SHUTDOWN, at once. */
    @Test
    void answersDataWhileItWaitsForTheEnd() {
        lone.association.shutdown(lone.now);
        lone.sent();
        lone.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 10));
        List<Integer> types = lone.sentTypes();
        assertTrue(types.contains(ChunkType.SACK) && types.contains(ChunkType.SHUTDOWN));
        assertEquals(1, lone.events().size());
    }

    /** T2-shutdown backs off to the longest RTO, and at last gives up. */
    @Test
    void repeatsTheShutdownUntilThePeerCountsAsGone() {
        lone.association.shutdown(lone.now);
        lone.sent();
        SctpConfig.Timing timing = SctpConfig.defaults().timing();
        int repeated = 0;
        long longest = 0;
        while (lone.association.state() == State.SHUTDOWN_SENT) {
            long before = lone.now;
            // The peer is alive, and answers everything but this.
            if (lone.atDeadline().contains(ChunkType.SHUTDOWN)) repeated++;
            longest = Math.max(longest, lone.now - before);
            assertTrue(repeated < 100);
        }
        assertEquals(timing.maxRetransmissions(), repeated);
        assertEquals(timing.maxRtoNanos(), longest);
        Closed closed = lone.closed();
        assertEquals(CloseReason.PEER_UNREACHABLE, closed.reason());
        assertEquals("no answer to the shutdown", closed.detail());
        assertEquals(Long.MAX_VALUE, lone.association.deadlineNanos());
    }

    /** What answers a peer's control chunks does not hold up the last word. */
    @Test
    void completesTheShutdownBesideAnswersThatWait() {
        lone.association.shutdown(lone.now);
        lone.sent();
        lone.give(LoneAssociation::heartbeat);
        give(ChunkType.SHUTDOWN_ACK);
        assertSends(ChunkType.SHUTDOWN_COMPLETE, 0, PEER_TAG);
    }

    @Test
    void anAssociationThatIsNotUpEndsAtOnce() {
        Association association = new Association(SctpConfig.defaults(), 1);
        association.connect(0);
        association.shutdown(0);
        assertEquals(
                new Closed(CloseReason.SHUTDOWN, "before it was established"),
                association.nextEvent());
        assertTrue(RawPeer.transmit(association, 0).isEmpty());
        association.shutdown(0);
        association.connect(0);
        assertEquals(State.CLOSED, association.state());
        assertEquals(Long.MAX_VALUE, association.deadlineNanos());
    }

    /** §9.1: ABORT, and "MUST NOT" anything else: what was queued or due is dropped. */
    @Test
    void anAbortIsTheLastWord() {
        lone.send(1, 100_000);
        for (int i = 0; i < 40; i++) lone.give(LoneAssociation::heartbeat);
        lone.association.abort("because");
        byte[] packet = lone.only();
        assertEquals(List.of(ChunkType.ABORT), RawPeer.types(packet));
        ChunkCursor abort = RawPeer.find(packet, ChunkType.ABORT);
        assertEquals(0, abort.flags());
        assertEquals("because", ErrorCause.parse(abort).getFirst().text());
        assertEquals(0, lone.association.stats().queuedBytes());
        assertEquals(Long.MAX_VALUE, lone.association.deadlineNanos());
        assertEquals(CloseReason.ABORTED, lone.closed().reason());
        lone.association.abort("again");
        assertTrue(lone.sent().isEmpty());
        assertEquals(List.of(), lone.events());
    }

    /** A reason of any length fits a packet: its beginning is told. */
    @Test
    void tellsTheBeginningOfALongReason() {
        lone.association.abort("x".repeat(5000));
        String told = ErrorCause.parse(lone.chunk(ChunkType.ABORT)).getFirst().text();
        assertEquals("x".repeat(256), told);
    }

    @Test
    void nobodyIsToldOfAnAbortBeforeThePeerIsKnown() {
        Association association = new Association(SctpConfig.defaults(), 1);
        association.connect(0);
        association.abort("no");
        assertTrue(RawPeer.transmit(association, 0).isEmpty());
        assertTrue(association.nextEvent() instanceof Closed);
    }

    /** §8.5.1 B: with the T bit the tag is the one that the sender of the ABORT expects. */
    @Test
    void takesAnAbortUnderItsOwnTagOnlyWithTheTBit() {
        for (int type : new int[] {ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE}) {
            LoneAssociation other = new LoneAssociation();
            other.association.shutdown(other.now);
            other.give(out -> SimpleChunks.writeShutdown(out, other.tsn - 1));
            other.give(PEER_TAG, out -> SimpleChunks.writeBare(out, type, 0));
            other.give(PEER_TAG + 1, out -> SimpleChunks.writeBare(out, type, 1));
            other.give(other.tag, out -> SimpleChunks.writeBare(out, type, 1));
            assertEquals(State.SHUTDOWN_ACK_SENT, other.association.state());
            assertEquals(3, other.association.stats().invalidPackets());
            other.give(PEER_TAG, out -> SimpleChunks.writeBare(out, type, 1));
            assertEquals(State.CLOSED, other.association.state());
        }
        // The bit has no meaning with other chunks.
        lone.give(PEER_TAG, out -> SimpleChunks.writeBare(out, ChunkType.SHUTDOWN_ACK, 1));
        assertEquals(1, lone.association.stats().invalidPackets());
    }

    /** Before the peer is known, no tag of its can be right. */
    @Test
    void takesNoReflectedAbortBeforeThePeerIsKnown() {
        Association association = new Association(SctpConfig.defaults(), 1);
        association.connect(0);
        for (int tag : new int[] {0, 1, association.localInit().chunk().initiateTag()})
            RawPeer.receive(
                    association,
                    RawPeer.packet(tag, out -> SimpleChunks.writeBare(out, ChunkType.ABORT, 1)),
                    0);
        assertEquals(State.COOKIE_WAIT, association.state());
        assertEquals(3, association.stats().invalidPackets());
    }

    /** §8.4 (8): an ABORT "with the T bit set", under the tag that came. */
    @Test
    void answersOutOfTheBluePacketsWithAnAbort() {
        lone.association.abort("");
        lone.sent();
        for (int type : new int[] {ChunkType.SACK, ChunkType.HEARTBEAT, ChunkType.SHUTDOWN, 63}) {
            lone.give(99, out -> RawPeer.chunk(out, type, 0, new byte[12]));
            assertSends(ChunkType.ABORT, 1, 99);
        }
    }

    /** §8.4 (5): "the receiver … should respond with a SHUTDOWN COMPLETE" with the T bit. */
    @Test
    void completesAShutdownThatItHasForgotten() {
        lone.association.abort("");
        lone.sent();
        lone.give(99, out -> LoneAssociation.bare(out, ChunkType.SHUTDOWN_ACK));
        assertSends(ChunkType.SHUTDOWN_COMPLETE, 1, 99);
    }

    /** §8.4 (2), (6), (7), and an INIT, which will not be repeated for long. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                ChunkType.ABORT,
                ChunkType.SHUTDOWN_COMPLETE,
                ChunkType.COOKIE_ACK,
                ChunkType.INIT
            })
    void answersNoneOfTheseWhenItHasEnded(int type) {
        lone.association.abort("");
        lone.sent();
        lone.give(99, out -> RawPeer.chunk(out, type, 0, new byte[16]));
        assertTrue(lone.sent().isEmpty());
    }

    /** §9.2: "discard the INIT chunk and retransmit the SHUTDOWN ACK chunk". */
    @Test
    void answersAnInitWithShutdownAckWhileItShutsDown() {
        giveShutdown(lone.tsn - 1);
        lone.sent();
        Association again = new Association(SctpConfig.defaults(), 9);
        again.connect(0);
        byte[] init = RawPeer.transmit(again, 0).getFirst();
        RawPeer.receive(lone.association, init, lone.now);
        assertSends(ChunkType.SHUTDOWN_ACK, 0, PEER_TAG);
    }

    /** §9.2: SHUTDOWN ACK and COMPLETE that nobody asked for change nothing. */
    @Test
    void takesNoAnswerToAShutdownThatItHasNotSent() {
        give(ChunkType.SHUTDOWN_ACK);
        give(ChunkType.SHUTDOWN_COMPLETE);
        assertEquals(State.ESTABLISHED, lone.association.state());
        assertTrue(lone.sent().isEmpty());
    }

    /** Once it has asked for the end it asks for nothing else. */
    @Test
    void asksForNoResetBesideTheShutdown() {
        assertTrue(lone.association.resetStreams(List.of(3)));
        lone.association.shutdown(lone.now);
        assertEquals(List.of(ChunkType.SHUTDOWN), lone.sentTypes());
    }

    /** A SHUTDOWN that just fits a packet leaves in it. */
    @Test
    void aShutdownLeavesInThePacketThatHasRoom() {
        for (int room = 4; room <= 8; room += 4) {
            LoneAssociation other = new LoneAssociation();
            int answer = SctpConfig.SAFE_PACKET_BYTES - 12 - room;
            other.give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[answer - 4]));
            other.association.shutdown(other.now);
            List<byte[]> packets = other.sent();
            assertEquals(room < 8 ? 2 : 1, packets.size());
            RawPeer.find(packets.getLast(), ChunkType.SHUTDOWN);
        }
    }

    /** §8.3: a peer that does not answer, and has nothing to acknowledge, is not given up soon. */
    @Test
    void anIdleAssociationOutlivesAnOutageOfAMinute() {
        lone.association.probe();
        lone.answerHeartbeat(50 * MILLIS);
        long silent = lone.now;
        while (lone.association.state() == State.ESTABLISHED) lone.atDeadline();
        long seconds = (lone.now - silent) / (1000 * MILLIS);
        assertTrue(seconds > 30 + 60 && seconds < 30 + 120, () -> seconds + " s");
    }
}
