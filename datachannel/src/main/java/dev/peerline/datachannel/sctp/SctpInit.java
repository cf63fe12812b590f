package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;

import org.jspecify.annotations.Nullable;

import java.util.Base64;

/**
 * The INIT chunk of one side, as it travels in a session description ({@code a=sctp-init},
 * draft-hancke-tsvwg-snap). Two sides that know each other's need no handshake.
 */
public final class SctpInit {
    /** All parameters that WebRTC has take a few dozen bytes. */
    private static final int MAX_BYTES = 1024;

    private final InitChunk chunk;
    private final String text;

    private SctpInit(InitChunk chunk, byte[] bytes) {
        this.chunk = chunk;
        text = Base64.getEncoder().encodeToString(bytes);
    }

    static SctpInit of(InitChunk chunk) {
        byte[] packet = new byte[MAX_BYTES];
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        chunk.write(out, ChunkType.INIT);
        ChunkCursor written = new ChunkCursor().wrap(packet, PacketHeader.BYTES, out.length());
        if (!written.next()) throw new AssertionError("INIT of " + out.length() + " bytes");
        return new SctpInit(chunk, written.chunk());
    }

    /** Reads the attribute's value; null when it is not one INIT chunk in Base64. */
    public static @Nullable SctpInit parse(String base64) {
        if (base64.length() > MAX_BYTES / 3 * 4) return null;
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException _) {
            return null;
        }
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, 0, bytes.length);
        if (!cursor.next() || cursor.type() != ChunkType.INIT) return null;
        InitChunk chunk = InitChunk.parse(cursor).orNull();
        boolean alone = !cursor.next() && !cursor.leftOver();
        return chunk == null || !alone ? null : new SctpInit(chunk, bytes);
    }

    InitChunk chunk() {
        return chunk;
    }

    /** The attribute's value. */
    @Override
    public String toString() {
        return text;
    }
}
