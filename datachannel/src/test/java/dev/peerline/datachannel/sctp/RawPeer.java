package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Packets by hand, and what is in them. */
final class RawPeer {
    private RawPeer() {}

    /** A packet with its checksum; both ports are 5000. */
    static byte[] packet(int tag, Consumer<PacketWriter> chunks) {
        byte[] bytes = new byte[4000];
        PacketWriter out = new PacketWriter();
        out.begin(bytes, 0, bytes.length);
        chunks.accept(out);
        out.header(5000, 5000, tag);
        return sealed(Arrays.copyOf(bytes, out.length()));
    }

    /** The same with a right checksum. */
    static byte[] sealed(byte[] packet) {
        Bytes.put32(packet, 8, 0);
        new PacketHeader().seal(packet, 0, packet.length);
        return packet;
    }

    static void chunk(PacketWriter out, int type, int flags, byte[] value) {
        out.beginChunk(type, flags);
        out.put(value);
        out.endChunk();
    }

    static int tag(byte[] packet) {
        return PacketHeader.verificationTag(packet, 0);
    }

    static List<Integer> types(byte[] packet) {
        List<Integer> types = new ArrayList<>();
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, packet.length);
        while (cursor.next()) types.add(cursor.type());
        return types;
    }

    /** The first chunk of a type. */
    static ChunkCursor find(byte[] packet, int type) {
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, packet.length);
        while (cursor.next()) if (cursor.type() == type) return cursor;
        throw new AssertionError("no chunk " + type + " in " + types(packet));
    }

    static void receive(Association to, byte[] packet, long nowNanos) {
        to.receive(packet, 0, packet.length, nowNanos);
    }

    /** Everything it has to send now. */
    static List<byte[]> transmit(Association from, long nowNanos) {
        List<byte[]> packets = new ArrayList<>();
        byte[] buffer = new byte[SctpConfig.SAFE_PACKET_BYTES];
        while (true) {
            int length = from.transmit(buffer, 0, nowNanos);
            if (length == 0) return packets;
            packets.add(Arrays.copyOf(buffer, length));
            assertTrue(packets.size() < 10_000, "sends without end");
        }
    }
}
