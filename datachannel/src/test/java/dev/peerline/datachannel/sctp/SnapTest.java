package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.InitParameters;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;
import dev.peerline.datachannel.sim.Traffic;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/** An association whose INIT chunks travelled with the descriptions (draft-hancke-tsvwg-snap). */
final class SnapTest {
    private static final LinkSettings PATH = LinkSettings.perfect(20);
    private static final SctpConfig CONFIG = SctpConfig.defaults();

    /** Chromium 156 with {@code WebRTC-Sctp-Snap}: {@code a=sctp-init} of an offer. */
    private static final String CHROMIUM = "AQAAHoP08ikAUAAA//////8kj+3AAAAEgAgABoLA";

    private static SctpInit overTheWire(Association from) {
        SctpInit read = SctpInit.parse(from.localInit().toString());
        assertNotNull(read);
        return read;
    }

    private static void begin(Pair pair) {
        SctpInit ofA = overTheWire(pair.a.association());
        SctpInit ofB = overTheWire(pair.b.association());
        pair.a.association().connect(ofB, pair.simulation.now());
        pair.b.association().connect(ofA, pair.simulation.now());
    }

    @Test
    void theFirstMessageArrivesAfterHalfARoundTrip() {
        Pair pair = new Pair(1, CONFIG, PATH);
        begin(pair);
        assertTrue(pair.isUp());
        pair.a.association().send(1, new byte[10], Options.reliable(53));
        pair.b.association().send(2, new byte[20], Options.reliable(53));
        long began = pair.simulation.now();
        assertTrue(pair.simulation.runUntil(() -> !pair.b.messages().isEmpty(), Pair.SECONDS));
        assertEquals(20 * LinkSettings.MILLIS, pair.simulation.now() - began);
        assertEquals(1, pair.a.messages().size());
    }

    @Test
    void noPacketOfAHandshakeIsSent() {
        Pair pair = new Pair(1, CONFIG, PATH);
        List<Integer> types = new ArrayList<>();
        pair.a.tap(packet -> types.addAll(RawPeer.types(packet)));
        pair.b.tap(packet -> types.addAll(RawPeer.types(packet)));
        begin(pair);
        pair.a.association().send(1, new byte[10], Options.reliable(53));
        pair.simulation.run(Pair.SECONDS);
        assertEquals(List.of(ChunkType.I_DATA, ChunkType.SACK), types);
    }

    /** What is agreed on is what the handshake would have agreed on. */
    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "true, true", "false, false"})
    void agreesOnTheSameAsTheHandshake(boolean atA, boolean atB) {
        SctpConfig a = CONFIG.withInterleaving(atA).withZeroChecksum(atB).withStreams(100);
        SctpConfig b = CONFIG.withInterleaving(atB).withPartialReliability(atA);
        Pair with = new Pair(1, a, b, PATH);
        Pair without = new Pair(1, a, b, PATH);
        with.a.association().connect(with.simulation.now());
        assertTrue(with.simulation.runUntil(with::isUp, Pair.SECONDS));
        begin(without);
        with.simulation.drain();
        without.simulation.drain();
        assertEquals(with.a.events(), without.a.events());
        assertEquals(with.b.events(), without.b.events());
        assertEquals(1, without.a.events().size());
    }

    @Test
    void isTheSameForEveryAssociationOfOneEntropyAndLeavesNoPadding() {
        SctpInit init = new Association(CONFIG, 7).localInit();
        assertEquals(init.toString(), new Association(CONFIG, 7).localInit().toString());
        assertFalse(init.toString().equals(new Association(CONFIG, 8).localInit().toString()));
        byte[] bytes = Base64.getDecoder().decode(init.toString());
        assertEquals(bytes[3], bytes.length);
    }

    @Test
    void readsChromiums() {
        SctpInit read = SctpInit.parse(CHROMIUM);
        assertNotNull(read);
        InitChunk chunk = read.chunk();
        assertEquals(0x83f4f229, chunk.initiateTag());
        assertEquals(0x500000, chunk.advertisedReceiverWindow());
        assertEquals(65535, chunk.outboundStreams());
        assertEquals(0xff248fed, chunk.initialTsn());
        InitParameters parameters = chunk.parameters();
        assertTrue(parameters.forwardTsn());
        assertEquals(List.of(ChunkType.RE_CONFIG, ChunkType.FORWARD_TSN), parameters.extensions());
        assertEquals(CHROMIUM, read.toString());
    }

    /** INIT ACK, a tag of zero, a length beyond the end, two chunks, bytes that are no chunk. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not Base64!",
                "AQAAHg==",
                "AgAAHoP08ikAUAAA//////8kj+3AAAAEgAgABoLA",
                "AQAAHgAAAAAAUAAA//////8kj+3AAAAEgAgABoLA",
                "AQAAH4P08ikAUAAA//////8kj+3AAAAEgAgABoLA",
                "AQAAHoP08ikAUAAA//////8kj+3AAAAEgAgABoLAAAAHAAAE",
                "AQAAHoP08ikAUAAA//////8kj+3AAAAEgAgABoLAAAAH"
            })
    void readsNothingElse(String value) {
        assertNull(SctpInit.parse(value));
    }

    @Test
    void readsNothingOfAnyLength() {
        assertNull(SctpInit.parse("AQAA".repeat(1 << 16)));
        assertNotNull(SctpInit.parse(chromiumWithUnknown(1023)));
        assertNull(SctpInit.parse(chromiumWithUnknown(1024)));
    }

    /** So many bytes: a parameter that is skipped (0x8fff) fills the chunk. */
    private static String chromiumWithUnknown(int length) {
        byte[] init = Arrays.copyOf(Base64.getDecoder().decode(CHROMIUM), length);
        Bytes.put16(init, 2, length);
        Bytes.put16(init, 32, 0x8fff);
        Bytes.put16(init, 34, length - 32);
        return Base64.getEncoder().encodeToString(init);
    }

    @Test
    void oneThatHasEndedOrBegunStaysAsItIs() {
        Pair pair = new Pair(1, CONFIG, PATH);
        SctpInit ofB = overTheWire(pair.b.association());
        pair.a.association().shutdown(0);
        pair.a.association().connect(ofB, 0);
        assertEquals(State.CLOSED, pair.a.association().state());
        Pair begun = new Pair(1, CONFIG, PATH);
        begun.a.association().connect(0);
        begun.a.association().connect(ofB, 0);
        assertEquals(State.COOKIE_WAIT, begun.a.association().state());
    }

    /** Nothing has measured the path before the first data; the loss of those is mended, too. */
    @Test
    void deliversEverythingOnceOverBadPaths() {
        for (long seed = 1; seed <= 60; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            LinkSettings path =
                    LinkSettings.perfect(random.nextLong(1, 80))
                            .withLoss(random.nextDouble() * 0.2)
                            .withFaults(0.02, 0, 0.05);
            Pair pair = new Pair(seed, CONFIG, path);
            Traffic there = new Traffic(4);
            Traffic back = new Traffic(4);
            pair.b.onMessage(there::receive);
            pair.a.onMessage(back::receive);
            begin(pair);
            for (int i = 0; i < 10; i++) {
                there.send(pair.a, random, random.nextInt(1, 20_000));
                back.send(pair.b, random, random.nextInt(1, 2_000));
            }
            boolean done =
                    pair.simulation.runUntil(
                            () -> there.isComplete() && back.isComplete(), 100 * Pair.SECONDS);
            assertTrue(done, "seed " + seed);
            assertTrue(
                    pair.simulation.runUntil(
                            () -> pair.a.association().stats().outstandingChunks() == 0,
                            60 * Pair.SECONDS),
                    "seed " + seed);
            AssociationStats stats = pair.a.association().stats();
            assertEquals(0, stats.queuedBytes() + stats.heldBytes() + stats.inFlightBytes());
            assertTrue(
                    stats.chunksRetransmitted() <= 20 + stats.chunksSent() / 2,
                    () -> "wasteful: " + stats);
        }
    }
}
