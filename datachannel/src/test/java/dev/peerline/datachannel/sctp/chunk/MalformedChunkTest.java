package dev.peerline.datachannel.sctp.chunk;

import static dev.peerline.datachannel.sctp.chunk.ChunkBytes.cursor;
import static dev.peerline.datachannel.sctp.chunk.ChunkBytes.hex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.Parsed.Bad;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that are no chunks are told as values, each for its reason. */
final class MalformedChunkTest {
    private static final String INIT_HEAD = " 00000001 00100000 0001 0001 00000000 ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOO_SHORT   | 01 00 0010 00000001 00100000 0001 0001",
                "BAD_VALUE   | 01 00 0014 00000000 00100000 0001 0001 00000000",
                "BAD_VALUE   | 01 00 0014 00000001 00100000 0000 0001 00000000",
                "BAD_VALUE   | 01 00 0014 00000001 00100000 0001 0000 00000000",
                "BAD_VALUE   | 01 00 0014 00000001 000005db 0001 0001 00000000",
                "BAD_LENGTH  | 01 00 0018 00000001 00100000 0001 0001 00000000 c0000003",
                "BAD_LENGTH  | 01 00 0018 00000001 00100000 0001 0001 00000000 c0000005",
                "BAD_LENGTH  | 01 00 0016 00000001 00100000 0001 0001 00000000 c0000000",
                "BAD_LENGTH  | 01 00 001a 00000001 00100000 0001 0001 00000000 800100060001 0000",
            })
    void refusesInit(Malformed why, String text) {
        assertEquals(new Bad<InitChunk>(why), InitChunk.parse(cursor(text)));
    }

    @Test
    void refusesMoreParametersThanAnyoneSends() {
        String many = "c0000004".repeat(InitParameters.MAX_PARAMETERS + 1);
        int length = 20 + many.length() / 2;
        String text = String.format("0100%04x", length) + INIT_HEAD + many;
        assertEquals(new Bad<InitChunk>(Malformed.TOO_MANY), InitChunk.parse(cursor(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOO_SHORT  | 00 03 000f 00000001 0000 0000 000000 00",
                "BAD_VALUE  | 00 03 0010 00000001 0000 0000 00000033",
            })
    void refusesData(Malformed why, String text) {
        assertEquals(why, DataChunk.read(cursor(text), new DataFields()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOO_SHORT  | 40 03 0013 00000001 0000 0000 00000000 000000 00",
                "BAD_VALUE  | 40 03 0014 00000001 0000 0000 00000000 00000033",
            })
    void refusesInterleavedData(Malformed why, String text) {
        assertEquals(why, IDataChunk.read(cursor(text), new DataFields()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOO_SHORT  | 03 00 000c 00000001 00000000",
                "BAD_LENGTH | 03 00 0010 00000001 00000000 0001 0000",
                "BAD_LENGTH | 03 00 0014 00000001 00000000 0000 0002 00000001",
                "BAD_LENGTH | 03 00 0014 00000001 00000000 ffff ffff 00000001",
                "BAD_VALUE  | 03 00 0014 00000001 00000000 0001 0000 0003 0002",
                "BAD_VALUE  | 03 00 0014 00000001 00000000 0001 0000 0000 0002",
                "BAD_VALUE  | 03 00 0018 00000001 00000000 0002 0000 0002 0004 0004 0005",
                "BAD_VALUE  | 03 00 0018 00000001 00000000 0002 0000 0006 0007 0002 0003",
            })
    void refusesSack(Malformed why, String text) {
        assertEquals(why, new SackChunk().read(cursor(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOO_SHORT  | c0 00 0006 0000 0000",
                "BAD_LENGTH | c0 00 000a 00000001 0001 0000",
                "BAD_LENGTH | c2 00 000c 00000001 00010001",
            })
    void refusesForwardTsn(Malformed why, String text) {
        assertEquals(new Bad<ForwardTsnChunk>(why), ForwardTsnChunk.parse(cursor(text)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MISSING_PARAMETER | 82 00 0004",
                "TOO_SHORT  | 82 00 000c 000d 0008 00000001",
                "TOO_SHORT  | 82 00 000a 000e 0006 0000 0000",
                "TOO_SHORT  | 82 00 000c 0010 0008 00000001",
                "BAD_LENGTH | 82 00 000c 0010 0010 00000001",
                "BAD_VALUE  | 82 00 000c 0063 0008 00000001",
                "TOO_MANY   | 82 00 001c 000e0008 00000001 000e0008 00000002 000e0008 00000003",
            })
    void refusesReConfig(Malformed why, String text) {
        assertEquals(new Bad<ReConfigChunk>(why), ReConfigChunk.parse(cursor(text)));
    }

    @ParameterizedTest
    @CsvSource({"03000003", "03000000", "0300ffff", "030004", "0300000500000000"})
    void stopsWhereALengthCannotBeTrue(String text) {
        byte[] bytes = hex(text);
        int limit = Math.min(bytes.length, 4);
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, limit);
        assertFalse(cursor.next());
        assertTrue(cursor.leftOver());
    }

    @Test
    void takesALastChunkWithoutItsPadding() {
        byte[] bytes = hex("0b000004 0a000005 01");
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, bytes.length);
        assertTrue(cursor.next());
        assertTrue(cursor.next());
        assertEquals(1, cursor.valueLength());
        assertFalse(cursor.next());
        assertFalse(cursor.leftOver());
    }
}
