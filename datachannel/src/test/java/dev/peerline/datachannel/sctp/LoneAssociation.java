package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.BufferedAmountLow;
import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.AssociationEvent.Established;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.InitParameters;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** An association that is up, whose peer is the test: all packets by hand, and time, too. */
final class LoneAssociation {
    static final int PEER_TAG = 0x7777;
    static final int PEER_TSN = 1000;
    static final long MILLIS = 1_000_000;

    /** Our initial TSN. */
    final int tsn;

    final int tag;
    final Association association;
    long now = 5000 * MILLIS;

    LoneAssociation() {
        this(SctpConfig.defaults());
    }

    LoneAssociation(SctpConfig config) {
        this(config, extensions());
    }

    LoneAssociation(SctpConfig config, List<Integer> extensions) {
        association = new Association(config, 1);
        InitChunk ours = association.localInit().chunk();
        tag = ours.initiateTag();
        tsn = ours.initialTsn();
        byte[] cookie = {}; // which nobody reads in an INIT
        InitParameters parameters = new InitParameters(cookie, true, extensions, 0, List.of());
        association.connect(
                SctpInit.of(new InitChunk(PEER_TAG, 1 << 20, 65535, 65535, PEER_TSN, parameters)),
                now);
        assertTrue(association.nextEvent() instanceof Established);
    }

    static List<Integer> extensions() {
        return List.of(
                ChunkType.RE_CONFIG,
                ChunkType.FORWARD_TSN,
                ChunkType.I_DATA,
                ChunkType.I_FORWARD_TSN);
    }

    /** A packet of the peer. */
    void give(Consumer<PacketWriter> chunks) {
        give(tag, chunks);
    }

    void give(int underTag, Consumer<PacketWriter> chunks) {
        RawPeer.receive(association, RawPeer.packet(underTag, chunks), now);
    }

    /** A whole message of I-DATA, stream sequence numbers by stream. */
    static void data(PacketWriter out, int tsn, int streamId, int messageId, int size) {
        IDataChunk.begin(out, DataFields.BEGIN | DataFields.END, tsn, streamId);
        out.put32(messageId);
        out.put32(53);
        out.put(new byte[size]);
        out.endChunk();
    }

    static void sack(PacketWriter out, int cumulativeTsn) {
        SackChunk.end(out, SackChunk.begin(out, cumulativeTsn, 1 << 20), 0, 0);
    }

    /** HEARTBEAT with eight bytes of information. */
    static void heartbeat(PacketWriter out) {
        RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[] {0, 1, 0, 8, 9, 9, 9, 9});
    }

    static void bare(PacketWriter out, int type) {
        SimpleChunks.writeBare(out, type, 0);
    }

    void send(int streamId, int length) {
        assertEquals(
                SendResult.QUEUED,
                association.send(streamId, new byte[length], Options.reliable(53)));
    }

    List<byte[]> sent() {
        List<byte[]> packets = RawPeer.transmit(association, now);
        for (byte[] packet : packets)
            assertTrue(packet.length <= SctpConfig.SAFE_PACKET_BYTES, "too long");
        return packets;
    }

    /** The types of all chunks that leave now. */
    List<Integer> sentTypes() {
        List<Integer> types = new ArrayList<>();
        for (byte[] packet : sent()) types.addAll(RawPeer.types(packet));
        return types;
    }

    /** The only packet that leaves now. */
    byte[] only() {
        List<byte[]> packets = sent();
        assertEquals(1, packets.size());
        return packets.getFirst();
    }

    /** The only chunk of a type that leaves now. */
    ChunkCursor chunk(int type) {
        ChunkCursor found = null;
        for (byte[] packet : sent()) {
            ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, packet.length);
            while (cursor.next()) {
                if (cursor.type() != type) continue;
                assertTrue(found == null, "more than one");
                found = RawPeer.find(packet, type);
            }
        }
        if (found == null) throw new AssertionError("none of type " + type);
        return found;
    }

    /** Time goes on to the deadline, and its timer acts; what leaves then. */
    List<Integer> atDeadline() {
        now = association.deadlineNanos();
        association.advance(now);
        return sentTypes();
    }

    /** The peer acknowledges everything up to this many TSNs of ours. */
    void acknowledge(int count) {
        give(out -> sack(out, tsn + count - 1));
    }

    /** The peer answers our HEARTBEAT, which leaves now, after so long. */
    void answerHeartbeat(long afterNanos) {
        byte[] info = chunk(ChunkType.HEARTBEAT).value();
        now += afterNanos;
        give(out -> SimpleChunks.writeOpaque(out, ChunkType.HEARTBEAT_ACK, info));
    }

    /** All events there are now, but for those of the queue's length. */
    List<AssociationEvent> events() {
        List<AssociationEvent> events = new ArrayList<>();
        while (true) {
            AssociationEvent event = association.nextEvent();
            if (event == null) return events;
            if (!(event instanceof BufferedAmountLow)) events.add(event);
        }
    }

    /** The last event, which must be the end. */
    Closed closed() {
        return (Closed) events().getLast();
    }

    /** The a_rwnd of the last SACK that leaves now. */
    long lastWindow() {
        byte[] last = sent().getLast();
        ChunkCursor chunk = RawPeer.find(last, ChunkType.SACK);
        return Bytes.u32(chunk.bytes(), chunk.start() + 8);
    }
}
