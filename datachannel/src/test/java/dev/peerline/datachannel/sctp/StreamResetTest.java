package dev.peerline.datachannel.sctp;

import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TSN;
import static dev.peerline.datachannel.sctp.chunk.ReConfigChunk.BAD_SEQUENCE;
import static dev.peerline.datachannel.sctp.chunk.ReConfigChunk.DENIED;
import static dev.peerline.datachannel.sctp.chunk.ReConfigChunk.IN_PROGRESS;
import static dev.peerline.datachannel.sctp.chunk.ReConfigChunk.NOTHING_TO_DO;
import static dev.peerline.datachannel.sctp.chunk.ReConfigChunk.PERFORMED;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.IncomingStreamsReset;
import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.AssociationEvent.OutgoingStreamsReset;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.IncomingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.OutgoingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Parameter;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Response;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Unsupported;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

/** Stream reset, request by request (RFC 6525 §5). */
final class StreamResetTest {
    private final LoneAssociation lone = new LoneAssociation();

    private void give(Parameter... parameters) {
        lone.give(out -> new ReConfigChunk(List.of(parameters)).write(out));
    }

    /** What the RE-CONFIG that leaves now asks for, or answers. */
    private Parameter sent() {
        return in(lone.chunk(ChunkType.RE_CONFIG));
    }

    /** The only parameter of a RE-CONFIG. */
    private static Parameter in(ChunkCursor cursor) {
        ReConfigChunk chunk = ReConfigChunk.parse(cursor).orNull();
        assertNotNull(chunk);
        assertEquals(1, chunk.parameters().size());
        return chunk.parameters().getFirst();
    }

    private void reset(Integer... streams) {
        assertTrue(lone.association.resetStreams(List.of(streams)));
    }

    private OutgoingReset asked(int count, int lastTsn, Integer... streams) {
        return new OutgoingReset(
                lone.tsn + count, PEER_TSN - 1, lone.tsn + lastTsn, List.of(streams));
    }

    /** Messages of the peer on these streams, each whole, with a message identifier. */
    private void data(int tsn, int streamId, int messageId) {
        lone.give(out -> LoneAssociation.data(out, tsn, streamId, messageId, 10));
    }

    private List<Integer> streamsOfMessages() {
        List<Integer> streams = new ArrayList<>();
        for (AssociationEvent event : lone.events())
            if (event instanceof Message message) streams.add(message.streamId());
        return streams;
    }

    /** §4.1: sequence numbers "start with the initial TSN"; the last assigned TSN is told. */
    @Test
    void asksForOneResetAtATime() {
        reset(3, 5);
        assertEquals(asked(0, -1, 3, 5), sent());
        reset(7);
        assertTrue(lone.sent().isEmpty());
        give(new Response(lone.tsn, PERFORMED));
        assertEquals(List.of(new OutgoingStreamsReset(List.of(3, 5), true)), lone.events());
        assertEquals(asked(1, -1, 7), sent());
        give(new Response(lone.tsn + 1, NOTHING_TO_DO));
        assertEquals(List.of(new OutgoingStreamsReset(List.of(7), true)), lone.events());
        assertTrue(lone.sent().isEmpty());
        assertEquals(lone.now + 30_000 * LoneAssociation.MILLIS, lone.association.deadlineNanos());
    }

    /** §5.1.2: "the sender … MUST NOT" reset while data of the stream is to be sent. */
    @Test
    void waitsForWhatIsQueuedOnTheStream() {
        lone.send(3, 100_000);
        reset(3, 5);
        List<byte[]> first = lone.sent();
        assertEquals(asked(0, -1, 5), in(RawPeer.find(first.getFirst(), ChunkType.RE_CONFIG)));
        give(new Response(lone.tsn, PERFORMED));
        int sent = (int) lone.association.stats().chunksSent();
        while (lone.association.bufferedAmount(3) > 0) {
            int before = sent;
            lone.now += 100 * LoneAssociation.MILLIS;
            lone.give(out -> LoneAssociation.sack(out, lone.tsn + before - 1));
            lone.association.advance(lone.now);
            lone.sent();
            sent = (int) lone.association.stats().chunksSent();
            assertTrue(sent > before || lone.association.bufferedAmount(3) == 0);
        }
        lone.now += 100 * LoneAssociation.MILLIS;
        int all = sent;
        lone.give(out -> LoneAssociation.sack(out, lone.tsn + all - 1));
        lone.association.advance(lone.now);
        lone.sent();
        assertEquals(0, lone.association.stats().outstandingChunks());
        give(new Response(lone.tsn + 1, PERFORMED));
        assertEquals(
                List.of(
                        new OutgoingStreamsReset(List.of(5), true),
                        new OutgoingStreamsReset(List.of(3), true)),
                lone.events().stream().filter(OutgoingStreamsReset.class::isInstance).toList());
    }

    /** §5.1.2: what is sent after the reset was asked for waits, and counts from zero. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1"})
    void holdsBackWhatComesAfterTheReset(int result, int messageId) {
        lone.send(3, 10);
        lone.sent();
        lone.acknowledge(1);
        reset(3);
        assertEquals(asked(0, 0, 3), sent());
        lone.send(3, 20);
        assertTrue(lone.sent().isEmpty());
        give(new Response(lone.tsn, result));
        OutgoingStreamsReset told = (OutgoingStreamsReset) lone.events().getFirst();
        assertEquals(result == PERFORMED, told.performed());
        DataFields fields = new DataFields();
        IDataChunk.read(lone.chunk(ChunkType.I_DATA), fields);
        assertEquals(messageId, fields.messageId());
    }

    /** §5.1.1 B: the request is repeated as it was, and at last the peer counts as gone. */
    @Test
    void repeatsTheRequestUntilThePeerCountsAsGone() {
        reset(3);
        lone.sent();
        int repeated = 0;
        long first = lone.association.deadlineNanos() - lone.now;
        assertEquals(400 * LoneAssociation.MILLIS, first);
        while (lone.association.state() == State.ESTABLISHED) {
            List<Integer> types = lone.atDeadline();
            if (types.contains(ChunkType.RE_CONFIG)) repeated++;
            lone.give(out -> LoneAssociation.sack(out, lone.tsn - 1));
        }
        assertEquals(SctpConfig.defaults().timing().maxRetransmissions(), repeated);
        assertEquals(CloseReason.PEER_UNREACHABLE, lone.closed().reason());
    }

    /** §5.2.7: "In progress" begins the timer anew; what it answers is asked again unchanged. */
    @Test
    void asksAgainWhatIsInProgressWithoutCountingIt() {
        reset(3);
        OutgoingReset request = (OutgoingReset) sent();
        for (int i = 0; i < 30; i++) {
            long began = lone.now;
            lone.now += 100 * LoneAssociation.MILLIS;
            give(new Response(lone.tsn, IN_PROGRESS));
            assertEquals(began + 500 * LoneAssociation.MILLIS, lone.association.deadlineNanos());
            lone.now = lone.association.deadlineNanos();
            lone.association.advance(lone.now);
            assertEquals(request, sent());
            lone.give(out -> LoneAssociation.sack(out, lone.tsn - 1));
        }
        assertEquals(State.ESTABLISHED, lone.association.state());
        assertEquals(List.of(), lone.events());
    }

    /** §5.2.7: an answer to no request of ours is dropped. */
    @Test
    void takesNoAnswerToAnotherRequest() {
        give(new Response(lone.tsn, PERFORMED));
        reset(3);
        lone.sent();
        give(new Response(lone.tsn + 1, PERFORMED));
        give(new Response(lone.tsn - 1, PERFORMED));
        assertEquals(List.of(), lone.events());
        give(new Response(lone.tsn, PERFORMED));
        give(new Response(lone.tsn, PERFORMED));
        assertEquals(1, lone.events().size());
    }

    /** Requests are bounded, so that each fits the smallest packet. */
    @Test
    void asksForTwoHundredStreamsAtMost() {
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 201; i++) streams.add(i);
        assertTrue(lone.association.resetStreams(streams));
        assertEquals(streams.subList(0, 200), ((OutgoingReset) sent()).streams());
        give(new Response(lone.tsn, PERFORMED));
        assertEquals(List.of(200), ((OutgoingReset) sent()).streams());
    }

    /** A request that does not fit beside other control chunks leaves in the next packet. */
    @ParameterizedTest
    @CsvSource({"100, 220, 1", "100, 216, 2", "101, 220, 2", "101, 224, 1"})
    void leavesInThePacketThatHasRoom(int count, int room, int packets) {
        int answer = SctpConfig.SAFE_PACKET_BYTES - 12 - room;
        lone.give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[answer - 4]));
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) streams.add(i);
        assertTrue(lone.association.resetStreams(streams));
        List<byte[]> sent = lone.sent();
        assertEquals(packets, sent.size());
        RawPeer.find(sent.getLast(), ChunkType.RE_CONFIG);
    }

    /** A path that has changed is not waited for. */
    @Test
    void asksAgainAtOnceWhenThePathHasChanged() {
        reset(3);
        OutgoingReset request = (OutgoingReset) sent();
        lone.association.pathChanged(lone.now);
        lone.association.advance(lone.now);
        assertEquals(request, sent());
    }

    @Test
    void cannotResetWhereThePeerCannotOrNothingIsUp() {
        LoneAssociation old = new LoneAssociation(SctpConfig.defaults(), List.of());
        assertFalse(old.association.resetStreams(List.of(3)));
        assertTrue(old.sent().isEmpty());
        Association closed = new Association(SctpConfig.defaults(), 1);
        assertFalse(closed.resetStreams(List.of(3)));
        lone.association.shutdown(lone.now);
        assertFalse(lone.association.resetStreams(List.of(3)));
    }

    /** §5.2.2: the streams that are named begin anew, and no others; none named means all. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void beginsThePeersStreamsAnew(boolean all) {
        data(PEER_TSN, 3, 0);
        data(PEER_TSN + 1, 5, 0);
        lone.events();
        lone.sent();
        List<Integer> named = all ? List.of() : List.of(3);
        give(new OutgoingReset(PEER_TSN, 0, PEER_TSN + 1, named));
        assertEquals(new Response(PEER_TSN, PERFORMED), sent());
        assertEquals(List.of(new IncomingStreamsReset(named)), lone.events());
        data(PEER_TSN + 2, 3, 0);
        data(PEER_TSN + 3, 5, 0);
        assertEquals(all ? List.of(3, 5) : List.of(3), streamsOfMessages());
    }

    /** §5.2.1: a request that was carried out is answered again, and done once. */
    @Test
    void doesOnceWhatIsAskedTwice() {
        for (int i = 0; i < 2; i++) {
            give(new OutgoingReset(PEER_TSN, 0, PEER_TSN - 1, List.of(3)));
            assertEquals(new Response(PEER_TSN, PERFORMED), sent());
        }
        assertEquals(1, lone.events().size());
        give(new OutgoingReset(PEER_TSN + 1, 0, PEER_TSN - 1, List.of(4)));
        assertEquals(new Response(PEER_TSN + 1, PERFORMED), sent());
        assertEquals(List.of(new IncomingStreamsReset(List.of(4))), lone.events());
    }

    /** §5.2.1: "Error - Bad Sequence Number". */
    @ParameterizedTest
    @ValueSource(ints = {1, -2})
    void refusesASequenceNumberThatIsNotTheNext(int ahead) {
        give(new OutgoingReset(PEER_TSN + ahead, 0, PEER_TSN - 1, List.of(3)));
        assertEquals(new Response(PEER_TSN + ahead, BAD_SEQUENCE), sent());
        assertEquals(List.of(), lone.events());
    }

    /** §5.2.2 E2: "In progress" until everything before the reset is here. */
    @Test
    void waitsForWhatWasSentBeforeTheReset() {
        OutgoingReset request = new OutgoingReset(PEER_TSN, 0, PEER_TSN, List.of(3));
        give(request);
        assertEquals(new Response(PEER_TSN, IN_PROGRESS), sent());
        assertEquals(List.of(), lone.events());
        data(PEER_TSN, 3, 0);
        lone.sent();
        give(request);
        assertEquals(new Response(PEER_TSN, PERFORMED), sent());
        assertTrue(lone.events().contains(new IncomingStreamsReset(List.of(3))));
    }

    /** §5.2.3: an Incoming SSN Reset Request is answered, and then ours follows. */
    @Test
    void resetsStreamsThatThePeerAsksFor() {
        give(new IncomingReset(PEER_TSN, List.of(3)));
        List<Parameter> sent = new ArrayList<>();
        byte[] packet = lone.only();
        ChunkCursor cursor = RawPeer.find(packet, ChunkType.RE_CONFIG);
        do sent.add(in(cursor));
        while (cursor.next());
        assertEquals(
                List.of(
                        new Response(PEER_TSN, PERFORMED),
                        new OutgoingReset(lone.tsn, PEER_TSN, lone.tsn - 1, List.of(3))),
                sent);
    }

    /** All of ours at once, a new TSN, or more streams: no. */
    @Test
    void deniesWhatItDoesNotDo() {
        give(new IncomingReset(PEER_TSN, List.of()));
        assertEquals(new Response(PEER_TSN, DENIED), sent());
        give(new Unsupported(PEER_TSN + 1));
        assertEquals(new Response(PEER_TSN + 1, DENIED), sent());
        assertTrue(lone.sent().isEmpty());
        assertEquals(List.of(), lone.events());
    }
}
