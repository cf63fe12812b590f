package dev.peerline.datachannel.sctp.chunk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk.Skipped;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.IncomingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.OutgoingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Response;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Unsupported;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What is written is read as it was meant, in the middle of an array that held something else. */
final class ChunkWritingTest {
    private static final int OFFSET = 37;
    private static final int PACKET = 600;

    private final byte[] bytes = new byte[1500];
    private final PacketWriter out = new PacketWriter();
    private final DataFields data = new DataFields();

    @BeforeEach
    void begin() {
        Arrays.fill(bytes, (byte) 0xa5);
        out.begin(bytes, OFFSET, PACKET);
    }

    /** The chunk after another one of three bytes and its padding. */
    private ChunkCursor second() {
        ChunkCursor cursor =
                new ChunkCursor().wrap(bytes, OFFSET + PacketHeader.BYTES, OFFSET + out.length());
        assertTrue(cursor.next());
        assertEquals(3, cursor.valueLength());
        assertTrue(cursor.next());
        assertEquals(0, out.length() % 4);
        return cursor;
    }

    private void first() {
        SimpleChunks.writeOpaque(out, ChunkType.COOKIE_ECHO, new byte[] {1, 2, 3});
    }

    @Test
    void countsWhatWasWrittenAndWhatThereIsRoomFor() {
        assertTrue(out.isEmpty());
        assertEquals(PacketHeader.BYTES, out.length());
        assertEquals(PACKET - PacketHeader.BYTES, out.remaining());
        assertEquals(OFFSET + PacketHeader.BYTES, out.position());
        first();
        assertFalse(out.isEmpty());
        assertEquals(PacketHeader.BYTES + 8, out.length());
        assertEquals(PACKET - PacketHeader.BYTES - 8, out.remaining());
        assertEquals((byte) 0xa5, bytes[OFFSET + out.length()]);
        assertEquals(0, bytes[OFFSET + out.length() - 1]);
        PacketWriter small = new PacketWriter();
        small.begin(new byte[100], 40, 1000);
        assertEquals(60 - PacketHeader.BYTES, small.remaining());
    }

    @Test
    void writesTheHeaderAndItsChecksum() {
        first();
        out.header(5001, 50_002, 0x80000003);
        assertEquals(5001, PacketHeader.sourcePort(bytes, OFFSET));
        assertEquals(50_002, PacketHeader.destinationPort(bytes, OFFSET));
        assertEquals(0x80000003, PacketHeader.verificationTag(bytes, OFFSET));
        assertEquals(0, PacketHeader.checksum(bytes, OFFSET));
        PacketHeader header = new PacketHeader();
        int checksum = header.computeChecksum(bytes, OFFSET, out.length());
        header.seal(bytes, OFFSET, out.length());
        assertEquals(checksum, PacketHeader.checksum(bytes, OFFSET));
    }

    @Test
    void data() {
        first();
        DataChunk.begin(out, DataFields.BEGIN | DataFields.IMMEDIATE, -7, 65_534);
        out.put16(4711);
        out.put32(53);
        out.put(new byte[] {9, 8, 7, 6, 5});
        out.endChunk();
        ChunkCursor chunk = second();
        assertNull(DataChunk.read(chunk, data));
        assertEquals(-7, data.tsn());
        assertEquals(65_534, data.streamId());
        assertEquals(4711, data.messageId());
        assertEquals(53, data.payloadProtocol());
        assertTrue(data.begin() && data.immediate() && !data.end() && !data.unordered());
        assertEquals(5, data.payloadLength());
        assertEquals(9, bytes[data.payloadStart()]);
        assertEquals(DataFields.BEGIN | DataFields.IMMEDIATE, chunk.flags());
    }

    @Test
    void interleavedData() {
        first();
        IDataChunk.begin(out, DataFields.END | DataFields.UNORDERED, 77, 3);
        out.put32(0x80000001);
        out.put32(12);
        out.put(new byte[] {9});
        out.endChunk();
        assertNull(IDataChunk.read(second(), data));
        assertEquals(77, data.tsn());
        assertEquals(3, data.streamId());
        assertEquals(0x80000001, data.messageId());
        assertEquals(12, data.fragmentNumber());
        assertEquals(0, data.payloadProtocol());
        assertEquals(1, data.payloadLength());
        assertEquals(9, bytes[data.payloadStart()]);
    }

    @Test
    void sack() {
        first();
        int start = SackChunk.begin(out, -1, 1L << 40);
        out.put16(2);
        out.put16(3);
        out.put16(5);
        out.put16(9);
        out.put32(1234);
        SackChunk.end(out, start, 2, 1);
        SackChunk sack = new SackChunk();
        assertNull(sack.read(second()));
        assertEquals(-1, sack.cumulativeTsn());
        assertEquals(0xffff_ffffL, sack.advertisedReceiverWindow());
        assertEquals(2, sack.gaps());
        assertEquals(1, sack.duplicates());
        assertEquals(5, sack.gapStart(1));
        assertEquals(9, sack.gapEnd(1));
        assertEquals(1234, sack.duplicate(0));
    }

    /** Gap blocks ascend: one that begins where another ended says the same TSN twice. */
    @Test
    void aSackWhoseGapsOverlapIsMalformed() {
        first();
        int start = SackChunk.begin(out, 0, 1500);
        out.put16(2);
        out.put16(5);
        out.put16(5);
        out.put16(6);
        SackChunk.end(out, start, 2, 0);
        assertEquals(Malformed.BAD_VALUE, new SackChunk().read(second()));
    }

    @Test
    void forwardTsn() {
        first();
        ForwardTsnChunk chunk =
                new ForwardTsnChunk(
                        9, List.of(new Skipped(1, false, 65_535), new Skipped(65_534, false, 0)));
        chunk.write(out, ChunkType.FORWARD_TSN);
        assertEquals(chunk, ForwardTsnChunk.parse(second()).orNull());
    }

    @Test
    void init() {
        first();
        InitParameters parameters =
                new InitParameters(
                        new byte[] {1, 2, 3, 4, 5},
                        true,
                        List.of(ChunkType.RE_CONFIG, ChunkType.I_DATA, ChunkType.I_FORWARD_TSN),
                        InitParameters.ZERO_CHECKSUM_DTLS,
                        List.of());
        new InitChunk(0x90000001, 3_000_000_000L, 7, 8, -9, parameters)
                .write(out, ChunkType.INIT_ACK);
        InitChunk read = InitChunk.parse(second()).orNull();
        assertNotNull(read);
        assertEquals(0x90000001, read.initiateTag());
        assertEquals(3_000_000_000L, read.advertisedReceiverWindow());
        assertEquals(7, read.outboundStreams());
        assertEquals(8, read.inboundStreams());
        assertEquals(-9, read.initialTsn());
        assertArrayEquals(parameters.cookie(), read.parameters().cookie());
        assertTrue(read.parameters().forwardTsn());
        assertEquals(parameters.extensions(), read.parameters().extensions());
        assertTrue(read.parameters().supports(ChunkType.I_DATA));
        assertFalse(read.parameters().supports(ChunkType.FORWARD_TSN));
        assertEquals(InitParameters.ZERO_CHECKSUM_DTLS, read.parameters().zeroChecksumMethod());
    }

    @Test
    void anAcknowledgementReportsWhatWasNotKnown() {
        first();
        InitParameters parameters =
                new InitParameters(new byte[] {1}, false, List.of(), 0, List.of());
        byte[] unknown = {(byte) 0xc1, 0x23, 0, 5, 1};
        InitParameters ack = parameters.asAcknowledgement(new byte[] {4}, List.of(unknown));
        new InitChunk(1, 1500, 1, 1, 1, ack).write(out, ChunkType.INIT_ACK);
        ChunkCursor chunk = second();
        ParameterCursor cursor = new ParameterCursor(bytes, chunk.valueStart() + 16, chunk.end());
        assertTrue(cursor.next());
        assertEquals(7, cursor.type());
        assertArrayEquals(new byte[] {4}, cursor.value());
        assertTrue(cursor.next());
        assertEquals(8, cursor.type());
        assertArrayEquals(unknown, cursor.value());
        assertFalse(cursor.next());
    }

    /** A window of 1500 bytes is the smallest that RFC 9260 §3.3.2 allows. */
    @Test
    void takesTheSmallestWindowAndNoSmallerOne() {
        InitParameters none = new InitParameters(new byte[] {1}, false, List.of(), 0, List.of());
        first();
        new InitChunk(1, 1500, 1, 1, 1, none).write(out, ChunkType.INIT);
        assertNotNull(InitChunk.parse(second()).orNull());
        begin();
        first();
        new InitChunk(1, 1499, 1, 1, 1, none).write(out, ChunkType.INIT);
        assertNull(InitChunk.parse(second()).orNull());
    }

    @Test
    void reConfig() {
        first();
        ReConfigChunk chunk =
                new ReConfigChunk(
                        List.of(
                                new OutgoingReset(1, 2, 3, List.of(4, 5, 6)),
                                new IncomingReset(-1, List.of(65_534))));
        chunk.write(out);
        assertEquals(chunk, ReConfigChunk.parse(second()).orNull());
        begin();
        first();
        ReConfigChunk other =
                new ReConfigChunk(
                        List.of(new Response(7, ReConfigChunk.DENIED), new Unsupported(8)));
        other.write(out);
        assertEquals(other, ReConfigChunk.parse(second()).orNull());
    }

    @Test
    void errorCauses() {
        first();
        List<ErrorCause> causes =
                List.of(
                        ErrorCause.of(ErrorCause.NO_USER_DATA),
                        ErrorCause.withText(ErrorCause.PROTOCOL_VIOLATION, "why"),
                        ErrorCause.withBytes(ErrorCause.UNRECOGNIZED_CHUNK, new byte[300]),
                        ErrorCause.staleCookie(1L << 40),
                        ErrorCause.invalidStream(0x1234));
        ErrorCause.writeError(out, causes);
        ChunkCursor chunk = second();
        assertEquals(ChunkType.ERROR, chunk.type());
        List<ErrorCause> read = ErrorCause.parse(chunk);
        assertEquals(5, read.size());
        assertEquals(ErrorCause.NO_USER_DATA, read.getFirst().code());
        assertEquals("why", read.get(1).text());
        // Of what is sent back at most 256 bytes.
        assertEquals(256, read.get(2).information().length);
        assertArrayEquals(new byte[] {-1, -1, -1, -1}, read.get(3).information());
        assertArrayEquals(new byte[] {0x12, 0x34, 0, 0}, read.get(4).information());
        assertEquals(8, read.get(1).paddedBytes());
        assertEquals(260, read.get(2).paddedBytes());
        begin();
        first();
        ErrorCause.writeAbort(out, true, List.of());
        assertEquals(1, second().flags());
    }

    @Test
    void readsNoMoreThanSixteenCauses() {
        first();
        ErrorCause.writeError(out, Collections.nCopies(17, ErrorCause.of(9)));
        assertEquals(16, ErrorCause.parse(second()).size());
    }

    @Test
    void simpleOnes() {
        first();
        SimpleChunks.writeShutdown(out, -5);
        ChunkCursor chunk = second();
        assertEquals(ChunkType.SHUTDOWN, chunk.type());
        assertEquals(-5, Bytes.i32(chunk.value(), 0));
        assertEquals(8, chunk.chunk().length);
        begin();
        first();
        SimpleChunks.writeBare(out, ChunkType.SHUTDOWN_COMPLETE, 1);
        assertEquals(0, second().valueLength());
        begin();
        first();
        SimpleChunks.writeHeartbeat(out, 11, 22);
        ChunkCursor heartbeat = second();
        assertEquals(22, SimpleChunks.heartbeatSentNanos(heartbeat, 11));
        assertEquals(Long.MIN_VALUE, SimpleChunks.heartbeatSentNanos(heartbeat, 12));
    }

    /** RFC 6525 §4.1: without a list all streams are meant. */
    @Test
    void resetsOfAllStreamsAndSkipsOfNone() {
        first();
        ReConfigChunk all = new ReConfigChunk(List.of(new OutgoingReset(1, 2, 3, List.of())));
        all.write(out);
        assertEquals(all, ReConfigChunk.parse(second()).orNull());
        begin();
        first();
        ForwardTsnChunk none = new ForwardTsnChunk(9, List.of());
        none.write(out, ChunkType.FORWARD_TSN);
        assertEquals(none, ForwardTsnChunk.parse(second()).orNull());
    }

    /** Also where bytes that look like the rest of it follow. */
    @Test
    void aChunkThatEndsBeforeItsFieldsDoIsMalformed() {
        first();
        SimpleChunks.writeOpaque(out, ChunkType.SACK, new byte[8]);
        assertEquals(Malformed.TOO_SHORT, new SackChunk().read(second()));
        begin();
        first();
        SimpleChunks.writeOpaque(out, ChunkType.INIT, new byte[12]);
        assertEquals(
                Malformed.TOO_SHORT,
                InitChunk.parse(second()) instanceof Parsed.Bad<InitChunk>(Malformed why)
                        ? why
                        : null);
    }
}
