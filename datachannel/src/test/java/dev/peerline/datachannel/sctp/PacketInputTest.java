package dev.peerline.datachannel.sctp;

import static dev.peerline.datachannel.sctp.LoneAssociation.MILLIS;
import static dev.peerline.datachannel.sctp.LoneAssociation.PEER_TSN;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Which packets and chunks count once the association is up (RFC 9260 §8.5, §6). */
final class PacketInputTest {
    private final LoneAssociation lone = new LoneAssociation();

    private long invalid() {
        return lone.association.stats().invalidPackets();
    }

    /** A HEARTBEAT behind these chunks is answered: the packet was read on. */
    private void assertGoesOn(boolean expected, Consumer<PacketWriter> chunks) {
        lone.give(
                out -> {
                    chunks.accept(out);
                    LoneAssociation.heartbeat(out);
                });
        assertEquals(expected, lone.sentTypes().contains(ChunkType.HEARTBEAT_ACK));
    }

    @Test
    void countsPacketsAndBytes() {
        lone.give(LoneAssociation::heartbeat);
        lone.give(99, LoneAssociation::heartbeat);
        lone.sent();
        AssociationStats stats = lone.association.stats();
        assertEquals(2, stats.packetsReceived());
        assertEquals(2 * 24, stats.bytesReceived());
        assertEquals(1, stats.invalidPackets());
        assertEquals(1, stats.packetsSent());
        assertEquals(24, stats.bytesSent());
    }

    /** A header alone, a chunk that is longer than its packet, and less than a header. */
    @Test
    void dropsPacketsWithoutAChunk() {
        byte[] bare = RawPeer.packet(lone.tag, out -> {});
        RawPeer.receive(lone.association, bare, lone.now);
        assertEquals(1, invalid());
        byte[] cut = RawPeer.packet(lone.tag, LoneAssociation::heartbeat);
        Bytes.put16(cut, 14, 100);
        RawPeer.receive(lone.association, RawPeer.sealed(cut), lone.now);
        assertEquals(2, invalid());
        for (int length = 0; length < 12; length++)
            RawPeer.receive(lone.association, new byte[length], lone.now);
        assertEquals(14, invalid());
        assertTrue(lone.sent().isEmpty());
    }

    /** RFC 9653 §5.3: zero is accepted as was announced, and no other wrong checksum is. */
    @ParameterizedTest
    @CsvSource({"true, 0, true", "false, 0, false", "true, 1, false"})
    void acceptsAChecksumOfZeroWhereItWasAnnounced(boolean announced, int sum, boolean accepted) {
        LoneAssociation other =
                new LoneAssociation(SctpConfig.defaults().withZeroChecksum(announced));
        byte[] packet = RawPeer.packet(other.tag, LoneAssociation::heartbeat);
        Bytes.put32(packet, 8, sum);
        RawPeer.receive(other.association, packet, other.now);
        assertEquals(accepted, other.sentTypes().contains(ChunkType.HEARTBEAT_ACK));
        assertEquals(accepted ? 0 : 1, other.association.stats().invalidPackets());
    }

    private static byte[] init() {
        Association peer = new Association(SctpConfig.defaults(), 9);
        peer.connect(0);
        return RawPeer.transmit(peer, 0).getFirst();
    }

    /** RFC 9653 §5.3: never for INIT; RFC 9260 §8.5.1 A: its tag is 0, and it is alone. */
    @ParameterizedTest
    @ValueSource(strings = {"", "checksum", "tag", "malformed", "second chunk", "left over"})
    void takesOneInitUnderTagZeroWithItsChecksum(String fault) {
        byte[] init = init();
        byte[] given = init;
        if (fault.equals("second chunk") || fault.equals("left over")) {
            boolean chunk = fault.equals("second chunk");
            given = Arrays.copyOf(init, Bytes.padded(init.length) + (chunk ? 4 : 3));
            if (chunk) {
                given[given.length - 4] = (byte) ChunkType.COOKIE_ACK;
                given[given.length - 1] = 4;
            } else {
                given[given.length - 3] = 1;
            }
        }
        if (fault.equals("tag")) given[7] = 1;
        if (fault.equals("malformed")) Bytes.put32(given, 16, 0);
        RawPeer.sealed(given);
        if (fault.equals("checksum")) Bytes.put32(given, 8, 0);
        RawPeer.receive(lone.association, given, lone.now);
        boolean good = fault.isEmpty();
        assertEquals(good ? List.of(ChunkType.INIT_ACK) : List.of(), lone.sentTypes());
        assertEquals(good ? 0 : 1, invalid());
    }

    /** RFC 9260 §6.10: "MUST NOT bundle INIT … with any other chunks": the packet ends there. */
    @Test
    void readsNoFurtherThanABundledInit() {
        byte[] init = init();
        lone.give(
                out -> {
                    LoneAssociation.bare(out, ChunkType.COOKIE_ACK);
                    out.put(init, 12, init.length - 12);
                    out.pad();
                    LoneAssociation.heartbeat(out);
                });
        assertTrue(lone.sent().isEmpty());
    }

    /** An association that was never begun knows no tag. */
    @Test
    void dropsEverythingButInitAndCookiesBeforeItBegins() {
        Association idle = new Association(SctpConfig.defaults(), 1);
        int tag = idle.localInit().chunk().initiateTag();
        RawPeer.receive(idle, RawPeer.packet(tag, LoneAssociation::heartbeat), 0);
        assertEquals(1, idle.stats().invalidPackets());
    }

    /** §8.5: another tag than ours, with a right checksum. */
    @Test
    void dropsWhatIsUnderAnotherTag() {
        lone.give(lone.tag + 1, LoneAssociation::heartbeat);
        assertTrue(lone.sent().isEmpty());
        assertEquals(1, invalid());
    }

    /** Malformed control chunks are counted, and what follows is read. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                ChunkType.SACK,
                ChunkType.RE_CONFIG,
                ChunkType.I_FORWARD_TSN,
                ChunkType.FORWARD_TSN
            })
    void readsOnAfterAMalformedChunk(int type) {
        assertGoesOn(true, out -> RawPeer.chunk(out, type, 0, new byte[3]));
        assertEquals(1, invalid());
    }

    /** RFC 3758 §3.3.1: unknown where it was not offered; its type says to read on. */
    @Test
    void readsOnAfterAForwardTsnThatWasNotOffered() {
        LoneAssociation other =
                new LoneAssociation(SctpConfig.defaults().withPartialReliability(false));
        other.give(
                out -> {
                    new ForwardTsnChunk(PEER_TSN + 3, List.of())
                            .write(out, ChunkType.I_FORWARD_TSN);
                    LoneAssociation.heartbeat(out);
                });
        List<Integer> types = other.sentTypes();
        assertEquals(List.of(ChunkType.ERROR, ChunkType.HEARTBEAT_ACK), types);
    }

    /** §6.5: the chunk is dropped, and not what comes behind it. */
    @Test
    void readsOnAfterDataOfAStreamThatIsNone() {
        LoneAssociation other = new LoneAssociation(SctpConfig.defaults().withStreams(10));
        other.give(
                out -> {
                    LoneAssociation.data(out, PEER_TSN, 10, 0, 10);
                    LoneAssociation.data(out, PEER_TSN + 1, 9, 0, 10);
                });
        assertEquals(1, other.events().stream().filter(Message.class::isInstance).count());
        assertTrue(other.sentTypes().contains(ChunkType.ERROR));
    }

    /** §8.4 and §3.3.7: behind what has ended the association nothing counts. */
    @Test
    void readsNoFurtherThanTheEnd() {
        assertGoesOn(false, out -> LoneAssociation.bare(out, ChunkType.ABORT));
        assertEquals(List.of(new Closed(CloseReason.PEER_ABORTED, "")), lone.events());
    }

    private static void fragment(PacketWriter out, int flags, int tsn, int number, int size) {
        IDataChunk.begin(out, flags, tsn, 1);
        out.put32(0);
        out.put32(number);
        out.put(new byte[size]);
        out.endChunk();
    }

    private void assertAbortedFor(LoneAssociation ended, int cause, String text) {
        ErrorCause told = ErrorCause.parse(ended.chunk(ChunkType.ABORT)).getFirst();
        assertEquals(cause, told.code());
        assertEquals(text, told.text());
        Closed closed = ended.closed();
        assertEquals(CloseReason.PROTOCOL_VIOLATION, closed.reason());
        assertEquals(text, closed.detail());
    }

    /** What cannot be taken ends the association, which says why. */
    @Test
    void saysWhyItEndsTheAssociation() {
        lone.give(
                out -> {
                    fragment(out, DataFields.BEGIN, PEER_TSN, 53, 10);
                    fragment(out, DataFields.BEGIN, PEER_TSN + 1, 53, 10);
                });
        assertAbortedFor(lone, ErrorCause.PROTOCOL_VIOLATION, "BAD_FRAGMENT");
        LoneAssociation small =
                new LoneAssociation(SctpConfig.defaults().withMemory(100, 1000, 1000, 1000));
        small.give(out -> LoneAssociation.data(out, PEER_TSN, 1, 0, 101));
        assertAbortedFor(small, ErrorCause.OUT_OF_RESOURCE, "MESSAGE_TOO_LONG");
        LoneAssociation cut = new LoneAssociation();
        cut.give(out -> RawPeer.chunk(out, ChunkType.I_DATA, 3, new byte[15]));
        assertAbortedFor(cut, ErrorCause.PROTOCOL_VIOLATION, "malformed DATA");
    }

    /** An answer that no packet of ours has room for is not sent, and the packet counts as bad. */
    @Test
    void countsAHeartbeatThatCannotBeAnswered() {
        int most = SctpConfig.SAFE_PACKET_BYTES - 12 - 4;
        lone.give(out -> RawPeer.chunk(out, ChunkType.HEARTBEAT, 0, new byte[most + 1]));
        assertEquals(1, invalid());
        assertTrue(lone.sent().isEmpty());
    }

    /** §8.3: the answer to ours tells the round trip, and that the peer is alive. */
    @Test
    void measuresThePathByHeartbeats() {
        lone.association.probe();
        lone.answerHeartbeat(70 * MILLIS);
        assertEquals(70 * MILLIS, lone.association.stats().smoothedRttNanos());
        assertEquals(lone.now + 30_000 * MILLIS, lone.association.deadlineNanos());
        lone.now += MILLIS;
        byte[] foreign = new byte[20];
        lone.give(out -> SimpleChunks.writeOpaque(out, ChunkType.HEARTBEAT_ACK, foreign));
        assertEquals(70 * MILLIS, lone.association.stats().smoothedRttNanos());
    }

    /** A path so short that the clock shows none of it was measured nevertheless. */
    @Test
    void measuresAPathOfNoLength() {
        lone.association.probe();
        lone.answerHeartbeat(0);
        assertEquals(1, lone.association.stats().smoothedRttNanos());
    }

    /** §8.1: an answer clears the counter of errors that timeouts have made. */
    @Test
    void anAnsweredHeartbeatForgivesTimeouts() {
        lone.send(1, 10);
        lone.sent();
        int timeouts = 0;
        while (timeouts < 3 * SctpConfig.defaults().timing().maxRetransmissions()) {
            if (lone.atDeadline().contains(ChunkType.I_DATA)) timeouts++;
            assertEquals(State.ESTABLISHED, lone.association.state());
            lone.association.probe();
            lone.answerHeartbeat(1);
        }
    }

    /** §8.3: a heartbeat is for a path that is idle; one that is acknowledged is not. */
    @Test
    void asksNobodyWhoAcknowledges() {
        lone.now += 29_000 * MILLIS;
        lone.acknowledge(0);
        assertEquals(lone.now + 30_000 * MILLIS, lone.association.deadlineNanos());
    }

    /** The receive window grows by the round trip, however that was measured. */
    @ParameterizedTest
    @ValueSource(strings = {"heartbeat", "sack", ""})
    void growsTheWindowByTheRoundTrip(String measured) {
        LoneAssociation other =
                new LoneAssociation(SctpConfig.defaults().withMemory(1000, 4000, 1 << 20, 1 << 20));
        if (measured.equals("heartbeat")) {
            other.association.probe();
            other.answerHeartbeat(300 * MILLIS);
        } else if (measured.equals("sack")) {
            other.send(1, 10);
            other.sent();
            other.now += 300 * MILLIS;
            other.acknowledge(1);
        }
        for (int i = 0; i < 4; i++) {
            int tsn = PEER_TSN + i;
            other.give(out -> LoneAssociation.data(out, tsn, 1, tsn - PEER_TSN, 700));
            other.events();
            other.now += 101 * MILLIS;
        }
        other.association.advance(other.now);
        assertEquals(measured.isEmpty() ? 4000 : 8000, other.lastWindow());
    }
}
