package dev.peerline.datachannel.sctp.chunk;

import static dev.peerline.datachannel.sctp.chunk.ChunkBytes.cursor;
import static dev.peerline.datachannel.sctp.chunk.ChunkBytes.hex;
import static dev.peerline.datachannel.sctp.chunk.ChunkBytes.written;

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

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Each chunk, bit by bit as its RFC draws it, read and written. */
final class ChunkVectorTest {
    /** RFC 3720 B.4: the JDK's CRC32C is the one that is meant, and its bytes go in this order. */
    @Test
    void computesTheChecksumOfTheReferenceVectors() {
        assertEquals(0xaa36918a, crc(new byte[32]));
        byte[] ones = new byte[32];
        java.util.Arrays.fill(ones, (byte) 0xff);
        assertEquals(0x43aba862, crc(ones));
        byte[] ascending = new byte[32];
        for (int i = 0; i < 32; i++) ascending[i] = (byte) i;
        assertEquals(0x4e79dd46, crc(ascending));
    }

    private static int crc(byte[] bytes) {
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(bytes);
        return Integer.reverseBytes((int) crc.getValue());
    }

    /** One changed bit is found. That others compute the same, the handshakes with usrsctp show. */
    @Test
    void sealsAndVerifiesAPacket() {
        byte[] packet = hex("13881388 00000001 00000000 0b000004");
        PacketHeader header = new PacketHeader();
        header.seal(packet, 0, packet.length);
        int checksum = PacketHeader.checksum(packet, 0);
        assertEquals(checksum, header.computeChecksum(packet, 0, packet.length));
        packet[15] ^= 1;
        assertTrue(checksum != header.computeChecksum(packet, 0, packet.length));
        assertEquals(5000, PacketHeader.sourcePort(packet, 0));
        assertEquals(5000, PacketHeader.destinationPort(packet, 0));
        assertEquals(1, PacketHeader.verificationTag(packet, 0));
    }

    @Test
    void readsData() {
        DataFields data = new DataFields();
        assertNull(
                DataChunk.read(cursor("00 0f 0013 80000001 0102 fffe 00000033 616263 00"), data));
        assertEquals(0x80000001, data.tsn());
        assertEquals(0x0102, data.streamId());
        assertEquals(0xfffe, data.messageId());
        assertEquals(0x33, data.payloadProtocol());
        assertEquals(16, data.payloadStart());
        assertEquals(3, data.payloadLength());
        assertTrue(data.begin() && data.end() && data.unordered() && data.immediate());
    }

    @Test
    void readsEachDataFlagAlone() {
        DataFields data = new DataFields();
        for (int flag : new int[] {1, 2, 4, 8}) {
            String head = String.format("00 %02x 0011", flag);
            assertNull(DataChunk.read(cursor(head + "00000000 0000 0000 00000000 61"), data));
            assertEquals(flag == DataFields.END, data.end());
            assertEquals(flag == DataFields.BEGIN, data.begin());
            assertEquals(flag == DataFields.UNORDERED, data.unordered());
            assertEquals(flag == DataFields.IMMEDIATE, data.immediate());
        }
    }

    @Test
    void writesData() {
        byte[] chunk =
                written(
                        out -> {
                            DataChunk.begin(out, DataFields.BEGIN, 7, 3);
                            out.put16(9);
                            out.put32(51);
                            out.put("hello".getBytes(StandardCharsets.US_ASCII));
                            out.endChunk();
                        });
        assertEquals("0002001500000007000300090000003368656c6c6f000000", hex(chunk));
    }

    /** RFC 8260 §2.1: the last word is the PPID in the first fragment, else its number. */
    @Test
    void readsInterleavedData() {
        DataFields data = new DataFields();
        assertNull(
                IDataChunk.read(
                        cursor("40 02 0015 00000001 0002 0000 80000003 00000035 61000000"), data));
        assertEquals(0x80000003, data.messageId());
        assertEquals(0x35, data.payloadProtocol());
        assertEquals(0, data.fragmentNumber());
        assertEquals(1, data.payloadLength());
        assertNull(
                IDataChunk.read(
                        cursor("40 01 0015 00000001 0002 0000 80000003 00000035 61000000"), data));
        assertEquals(0, data.payloadProtocol());
        assertEquals(0x35, data.fragmentNumber());
    }

    @Test
    void readsSack() {
        SackChunk sack = new SackChunk();
        assertNull(
                sack.read(
                        cursor(
                                "03 00 0020 0000000c 00001234 0002 0002 0002 0003 0005 0005"
                                        + " 00000007 00000008")));
        assertEquals(12, sack.cumulativeTsn());
        assertEquals(0x1234, sack.advertisedReceiverWindow());
        assertEquals(2, sack.gaps());
        assertEquals(2, sack.gapStart(0));
        assertEquals(3, sack.gapEnd(0));
        assertEquals(5, sack.gapStart(1));
        assertEquals(5, sack.gapEnd(1));
        assertEquals(2, sack.duplicates());
        assertEquals(7, sack.duplicate(0));
        assertEquals(8, sack.duplicate(1));
    }

    @Test
    void readsAndWritesInit() {
        String text =
                "01 00 002e 01020304 00100000 ffff 0400 00000063"
                        + " c000 0004" // Forward TSN
                        + " 8008 0008 82c040c2" // Supported Extensions
                        + " 8001 0008 00000001" // Zero Checksum, over DTLS
                        + " 000c 0006 0005 0000"; // Supported Address Types, padded
        InitChunk init = InitChunk.parse(cursor(text)).orNull();
        assertNotNull(init);
        assertEquals(0x01020304, init.initiateTag());
        assertEquals(0x00100000, init.advertisedReceiverWindow());
        assertEquals(0xffff, init.outboundStreams());
        assertEquals(0x0400, init.inboundStreams());
        assertEquals(0x63, init.initialTsn());
        assertTrue(init.parameters().forwardTsn());
        assertEquals(List.of(0x82, 0xc0, 0x40, 0xc2), init.parameters().extensions());
        assertEquals(1, init.parameters().zeroChecksumMethod());
        assertNull(init.parameters().cookie());
        assertEquals(
                "01000028010203040010 0000ffff040000000063c00000048008000882c040c28001000800000001"
                        .replace(" ", ""),
                hex(written(out -> init.write(out, ChunkType.INIT))));
    }

    /** RFC 9260 §3.2: the padding of the last parameter does not count, that between them does. */
    @Test
    void padsParametersBetweenThemOnly() {
        InitParameters parameters =
                new InitParameters(new byte[] {1, 2, 3}, true, List.of(130), 0, List.of());
        InitChunk ack = new InitChunk(1, 1500, 1, 1, 0, parameters);
        byte[] bytes = written(out -> ack.write(out, ChunkType.INIT_ACK));
        assertEquals(
                "00070007 010203 00 c0000004 80080005 82 000000".replace(" ", ""),
                hex(bytes).substring(40));
        assertEquals(20 + 8 + 4 + 5, Bytes.u16(bytes, 2));
    }

    @Test
    void reportsUnknownParametersAsTheirTypeAsks() {
        InitChunk init =
                InitChunk.parse(
                                cursor(
                                        "01 00 0024 00000001 00100000 0001 0001 00000000"
                                                + " bfff 0004" // skip
                                                + " ffff 0004" // skip and report
                                                + " 3fff 0004" // stop
                                                + " c000 0004"))
                        .orNull();
        assertNotNull(init);
        assertEquals(1, init.parameters().unrecognized().size());
        assertArrayEquals(hex("ffff0004"), init.parameters().unrecognized().getFirst());
        assertFalse(init.parameters().forwardTsn());
    }

    @Test
    void readsAndWritesForwardTsn() {
        String plain = "c0 00 0010 00000005 0001 0002 0003 0004";
        ForwardTsnChunk forward = ForwardTsnChunk.parse(cursor(plain)).orNull();
        assertEquals(
                new ForwardTsnChunk(5, List.of(new Skipped(1, false, 2), new Skipped(3, false, 4))),
                forward);
        assertNotNull(forward);
        assertArrayEquals(hex(plain), written(out -> forward.write(out, ChunkType.FORWARD_TSN)));

        String interleaved = "c2 00 0018 00000005 0001 0001 00000002 0003 0000 80000004";
        ForwardTsnChunk other = ForwardTsnChunk.parse(cursor(interleaved)).orNull();
        assertEquals(
                new ForwardTsnChunk(
                        5, List.of(new Skipped(1, true, 2), new Skipped(3, false, 0x80000004))),
                other);
        assertNotNull(other);
        assertArrayEquals(
                hex(interleaved), written(out -> other.write(out, ChunkType.I_FORWARD_TSN)));
    }

    @Test
    void readsAndWritesReConfig() {
        String text =
                "82 00 0022 000d 0012 00000001 00000002 00000003 0004 0000"
                        + " 0010 000c 00000005 00000001";
        text = text.replace("82 00 0022", "82 00 0024");
        ReConfigChunk chunk = ReConfigChunk.parse(cursor(text)).orNull();
        assertEquals(
                new ReConfigChunk(
                        List.of(new OutgoingReset(1, 2, 3, List.of(4)), new Response(5, 1))),
                chunk);
        assertNotNull(chunk);
        assertArrayEquals(hex(text), written(chunk::write));
        assertEquals(
                new ReConfigChunk(List.of(new IncomingReset(1, List.of(2, 3)))),
                ReConfigChunk.parse(cursor("82 00 0010 000e 000c 00000001 0002 0003")).orNull());
    }

    @Test
    void findsItsOwnHeartbeatOnly() {
        byte[] bytes = written(out -> SimpleChunks.writeHeartbeat(out, 77, 1234));
        bytes[0] = ChunkType.HEARTBEAT_ACK;
        ChunkCursor cursor = cursor(hex(bytes));
        assertEquals(1234, SimpleChunks.heartbeatSentNanos(cursor, 77));
        assertEquals(Long.MIN_VALUE, SimpleChunks.heartbeatSentNanos(cursor, 78));
    }

    @Test
    void writesAndReadsErrorCauses() {
        byte[] bytes =
                written(
                        out ->
                                ErrorCause.writeAbort(
                                        out,
                                        true,
                                        List.of(
                                                ErrorCause.withText(12, "bye"),
                                                ErrorCause.invalidStream(0x0304))));
        assertEquals("06010014000c0007627965000001000803040000", hex(bytes));
        List<ErrorCause> causes = ErrorCause.parse(cursor(hex(bytes)));
        assertEquals("bye", causes.getFirst().text());
        assertEquals(ErrorCause.INVALID_STREAM, causes.get(1).code());
    }

    /** RFC 9260 §3.2: what the two highest bits of an unknown type ask for. */
    @Test
    void tellsWhatToDoWithUnknownTypes() {
        assertTrue(ChunkType.stopsProcessing(0x3f) && !ChunkType.wantsReport(0x3f));
        assertTrue(ChunkType.stopsProcessing(0x7f) && ChunkType.wantsReport(0x7f));
        assertTrue(!ChunkType.stopsProcessing(0xbf) && !ChunkType.wantsReport(0xbf));
        assertTrue(!ChunkType.stopsProcessing(0xff) && ChunkType.wantsReport(0xff));
    }
}
