package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Chunks that are unknown, or that this association must not have, once it is up. */
final class UnknownChunkTest {
    private static final byte[] VALUE = {1, 2, 3, 4, 5};
    private static final byte[] INFO = {0, 1, 0, 8, 9, 9, 9, 9};

    private Pair pair = new Pair(1, SctpConfig.defaults(), LinkSettings.perfect(10));
    private int tagOfA;
    private int nextTsnOfB;
    private final List<byte[]> fromA = new ArrayList<>();

    @BeforeEach
    void connect() {
        use(SctpConfig.defaults());
    }

    private void use(SctpConfig config) {
        pair = new Pair(1, config, LinkSettings.perfect(10)).connect();
        pair.simulation.run(Pair.SECONDS);
        byte[][] seen = new byte[1][];
        pair.b.tap(packet -> seen[0] = packet);
        pair.b.association().send(1, new byte[1], Options.reliable(53));
        pair.simulation.run(Pair.SECONDS);
        int type = config.interleaving() ? ChunkType.I_DATA : ChunkType.DATA;
        tagOfA = RawPeer.tag(seen[0]);
        DataFields fields = new DataFields();
        if (config.interleaving()) IDataChunk.read(RawPeer.find(seen[0], type), fields);
        else DataChunk.read(RawPeer.find(seen[0], type), fields);
        nextTsnOfB = fields.tsn() + 1;
        fromA.clear();
        pair.a.tap(fromA::add);
    }

    private void give(Consumer<PacketWriter> chunks) {
        pair.a.receive(RawPeer.packet(tagOfA, chunks), pair.simulation.now());
        pair.simulation.drain();
    }

    private boolean answered(int type) {
        return fromA.stream().anyMatch(packet -> RawPeer.types(packet).contains(type));
    }

    private ErrorCause error(int type) {
        byte[] packet =
                fromA.stream()
                        .filter(one -> RawPeer.types(one).contains(type))
                        .findFirst()
                        .orElseThrow();
        return ErrorCause.parse(RawPeer.find(packet, type)).getFirst();
    }

    private Closed closed() {
        return (Closed) pair.a.events().getLast();
    }

    /**
     * RFC 9260 §3.2, by the two highest bits: "00 - Stop processing this SCTP packet", "01 - …
     * report the unrecognized chunk", "10 - Skip this chunk and continue processing", "11 - Skip
     * this chunk and continue processing, but report".
     */
    @ParameterizedTest
    @CsvSource({"63, false, false", "127, false, true", "191, true, false", "255, true, true"})
    void theHighestBitsSayWhatToDo(int type, boolean goesOn, boolean reports) {
        give(
                out -> {
                    RawPeer.chunk(out, type, 7, VALUE);
                    RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, INFO);
                });
        assertEquals(goesOn, answered(ChunkType.HEARTBEAT_ACK));
        assertEquals(reports, answered(ChunkType.ERROR));
        if (!reports) return;
        // §3.3.10.6: "complete with Chunk Type, Chunk Flags, and Chunk Length".
        ErrorCause cause = error(ChunkType.ERROR);
        assertEquals(ErrorCause.UNRECOGNIZED_CHUNK, cause.code());
        assertArrayEquals(new byte[] {(byte) type, 7, 0, 9, 1, 2, 3, 4, 5}, cause.information());
    }

    /** What came before the chunk that stops the packet counts. */
    @Test
    void whatCameBeforeAnUnknownChunkCounts() {
        give(
                out -> {
                    RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, INFO);
                    RawPeer.chunk(out, 63, 0, VALUE);
                });
        assertTrue(answered(ChunkType.HEARTBEAT_ACK));
    }

    /** A report answers no flood: what is provoked at once has a bound. */
    @Test
    void answersNoMoreThanItsBound() {
        give(
                out -> {
                    for (int i = 0; i < 200; i++) RawPeer.chunk(out, 255, 0, VALUE);
                });
        int errors = 0;
        for (byte[] packet : fromA)
            for (int type : RawPeer.types(packet)) if (type == ChunkType.ERROR) errors++;
        assertEquals(32, errors);
    }

    /** RFC 9260 §8.3: the information "MUST" come back as it was. */
    @Test
    void answersAHeartbeatWithItsInformation() {
        give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, INFO));
        assertArrayEquals(INFO, RawPeer.find(fromA.getFirst(), ChunkType.HEARTBEAT_ACK).value());
    }

    /** A peer whose packets are larger than ours may be: no answer fits. */
    @Test
    void survivesAHeartbeatThatNoAnswerFits() {
        int most = SctpConfig.SAFE_PACKET_BYTES - 12 - 4;
        give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[most + 1]));
        assertTrue(fromA.isEmpty());
        give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[most]));
        assertEquals(SctpConfig.SAFE_PACKET_BYTES, fromA.getFirst().length);
        assertEquals(State.ESTABLISHED, pair.a.association().state());
    }

    /** RFC 4820 §3: padding is dropped, and what follows it is read. */
    @Test
    void takesNoNoticeOfPadding() {
        give(
                out -> {
                    RawPeer.chunk(out, ChunkType.PAD, 0, new byte[500]);
                    RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, INFO);
                });
        assertTrue(answered(ChunkType.HEARTBEAT_ACK));
        assertFalse(answered(ChunkType.ERROR));
    }

    /** RFC 8260 §2.2.1: where I-DATA was agreed on, DATA ends the association, and vice versa. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhenDataAndInterleavedDataAreMixed(boolean interleaving) {
        use(SctpConfig.defaults().withInterleaving(interleaving));
        give(
                out -> {
                    int whole = DataFields.BEGIN | DataFields.END;
                    if (interleaving) DataChunk.begin(out, whole, nextTsnOfB, 1);
                    else IDataChunk.begin(out, whole, nextTsnOfB, 1);
                    out.put64(53);
                    out.put(VALUE);
                    out.endChunk();
                });
        assertEquals(CloseReason.PROTOCOL_VIOLATION, closed().reason());
        assertEquals(ErrorCause.PROTOCOL_VIOLATION, error(ChunkType.ABORT).code());
        assertEquals(1, pair.a.messages().size());
    }

    /** RFC 9260 §6.2: DATA without user data is answered by ABORT with "No User Data". */
    @Test
    void endsWhenDataIsEmpty() {
        give(
                out -> {
                    IDataChunk.begin(out, 3, nextTsnOfB, 1);
                    out.put64(53);
                    out.endChunk();
                });
        assertEquals(ErrorCause.NO_USER_DATA, error(ChunkType.ABORT).code());
        assertEquals(CloseReason.PROTOCOL_VIOLATION, closed().reason());
    }

    /** RFC 9260 §6.5: acknowledged, answered with "Invalid Stream Identifier", and dropped. */
    @Test
    void acknowledgesDataOfAStreamThatIsNone() {
        use(SctpConfig.defaults().withStreams(10));
        give(
                out -> {
                    IDataChunk.begin(out, 3, nextTsnOfB, 10);
                    out.put64(53);
                    out.put(VALUE);
                    out.endChunk();
                });
        ErrorCause cause = error(ChunkType.ERROR);
        assertEquals(ErrorCause.INVALID_STREAM, cause.code());
        assertArrayEquals(new byte[] {0, 10, 0, 0}, cause.information());
        pair.simulation.run(Pair.SECONDS);
        assertTrue(answered(ChunkType.SACK));
        assertEquals(1, pair.a.messages().size());
        assertEquals(State.ESTABLISHED, pair.a.association().state());
    }

    private void forward(int type) {
        give(out -> new ForwardTsnChunk(nextTsnOfB + 4, List.of()).write(out, type));
    }

    private void assertNothingWasSkipped() {
        pair.b.association().send(1, new byte[8], Options.reliable(53));
        pair.simulation.run(5 * Pair.SECONDS);
        assertEquals(2, pair.a.messages().size());
    }

    /** RFC 3758 §3.3.1: one who has not offered it does not know the chunk: reliable means so. */
    @Test
    void reportsForwardTsnThatWasNotAgreedOn() {
        use(SctpConfig.defaults().withPartialReliability(false));
        forward(ChunkType.I_FORWARD_TSN);
        assertEquals(ErrorCause.UNRECOGNIZED_CHUNK, error(ChunkType.ERROR).code());
        assertNothingWasSkipped();
    }

    /** RFC 8260 §2.3.1: I-FORWARD-TSN goes with I-DATA, FORWARD TSN with DATA. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void doesNotFollowForwardTsnOfTheOtherKind(boolean interleaving) {
        use(SctpConfig.defaults().withInterleaving(interleaving));
        long invalid = pair.a.association().stats().invalidPackets();
        forward(interleaving ? ChunkType.FORWARD_TSN : ChunkType.I_FORWARD_TSN);
        assertEquals(invalid + 1, pair.a.association().stats().invalidPackets());
        assertNothingWasSkipped();
    }

    /** RFC 9260 §3.3.10: what the peer reports is for information, and changes nothing. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 8, 12, 13, 999})
    void aReportedErrorChangesNothing(int code) {
        give(out -> ErrorCause.writeError(out, List.of(ErrorCause.withText(code, "text"))));
        assertEquals(State.ESTABLISHED, pair.a.association().state());
        assertTrue(fromA.isEmpty());
    }
}
