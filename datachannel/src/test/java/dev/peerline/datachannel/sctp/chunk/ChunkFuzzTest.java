package dev.peerline.datachannel.sctp.chunk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Every parser of chunks, on any bytes: no exception, nothing read beyond the chunk, and what was
 * understood is, written again, understood as the same.
 */
final class ChunkFuzzTest {
    private final DataFields fields = new DataFields();
    private final SackChunk sack = new SackChunk();

    @FuzzTest(maxDuration = "60s")
    void readsAnything(byte[] bytes) {
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, bytes.length);
        int at = 0;
        while (cursor.next()) {
            assertTrue(cursor.start() >= at && cursor.end() > cursor.start());
            assertTrue(cursor.end() <= bytes.length);
            at = cursor.end();
            read(cursor);
        }
    }

    private void read(ChunkCursor chunk) {
        switch (chunk.type()) {
            case ChunkType.DATA -> data(chunk, DataChunk.read(chunk, fields) == null);
            case ChunkType.I_DATA -> data(chunk, IDataChunk.read(chunk, fields) == null);
            case ChunkType.SACK -> sack(chunk);
            case ChunkType.INIT, ChunkType.INIT_ACK -> init(chunk);
            case ChunkType.FORWARD_TSN, ChunkType.I_FORWARD_TSN -> forwardTsn(chunk);
            case ChunkType.RE_CONFIG -> reConfig(chunk);
            case ChunkType.HEARTBEAT_ACK -> {
                var _ = SimpleChunks.heartbeatSentNanos(chunk, 1);
            }
            default -> {
                List<ErrorCause> causes = ErrorCause.parse(chunk);
                int length = 0;
                for (ErrorCause cause : causes) length += 4 + cause.information().length;
                assertTrue(length <= chunk.valueLength());
            }
        }
    }

    private void data(ChunkCursor chunk, boolean good) {
        if (!good) return;
        assertTrue(fields.payloadLength() > 0);
        assertEquals(chunk.end(), fields.payloadStart() + fields.payloadLength());
    }

    private void sack(ChunkCursor chunk) {
        if (sack.read(chunk) != null) return;
        int end = 0;
        for (int i = 0; i < sack.gaps(); i++) {
            assertTrue(sack.gapStart(i) > end && sack.gapEnd(i) >= sack.gapStart(i));
            end = sack.gapEnd(i);
        }
        for (int i = 0; i < sack.duplicates(); i++) {
            var _ = sack.duplicate(i);
        }
    }

    /** The chunk written again. */
    private static ChunkCursor again(Consumer<PacketWriter> write) {
        byte[] packet = new byte[200_000];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        write.accept(out);
        byte[] bytes = Arrays.copyOfRange(packet, PacketHeader.BYTES, out.length());
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, bytes.length);
        assertTrue(cursor.next());
        return cursor;
    }

    private static void init(ChunkCursor chunk) {
        InitChunk init = InitChunk.parse(chunk).orNull();
        if (init == null) return;
        InitChunk second = InitChunk.parse(again(out -> init.write(out, chunk.type()))).orNull();
        assertTrue(second != null && second.initiateTag() == init.initiateTag());
        assertEquals(init.parameters().extensions(), second.parameters().extensions());
        assertTrue(Arrays.equals(init.parameters().cookie(), second.parameters().cookie()));
        assertEquals(init.parameters().forwardTsn(), second.parameters().forwardTsn());
    }

    private static void forwardTsn(ChunkCursor chunk) {
        ForwardTsnChunk forward = ForwardTsnChunk.parse(chunk).orNull();
        if (forward == null) return;
        int type = chunk.type();
        assertEquals(
                forward, ForwardTsnChunk.parse(again(out -> forward.write(out, type))).orNull());
    }

    private static void reConfig(ChunkCursor chunk) {
        ReConfigChunk reConfig = ReConfigChunk.parse(chunk).orNull();
        if (reConfig == null) return;
        assertTrue(reConfig.parameters().size() <= 2);
        // Those that are refused are not told apart.
        assertEquals(reConfig, ReConfigChunk.parse(again(reConfig::write)).orNull());
    }
}
