package dev.peerline.datachannel.sctp.chunk;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Chunks as hexadecimal text, written as the RFCs draw them. */
final class ChunkBytes {
    private ChunkBytes() {}

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** A cursor on the first chunk. */
    static ChunkCursor cursor(String text) {
        byte[] bytes = hex(text);
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, bytes.length);
        if (!cursor.next()) throw new AssertionError("no chunk in " + text);
        return cursor;
    }

    static byte[] written(Consumer<PacketWriter> chunk) {
        PacketWriter writer = new PacketWriter();
        byte[] packet = new byte[1200];
        writer.begin(packet, 0, packet.length);
        chunk.accept(writer);
        return Arrays.copyOfRange(packet, PacketHeader.BYTES, writer.length());
    }
}
