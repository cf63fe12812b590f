package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Pair;
import dev.peerline.datachannel.sim.SctpHost;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The association's behaviour, sentence by sentence. */
final class AssociationTest {
    private static final long MILLIS = LinkSettings.MILLIS;
    private static final LinkSettings PATH = LinkSettings.perfect(20);
    private static final SctpConfig CONFIG = SctpConfig.defaults();

    private final Pair pair = new Pair(1, CONFIG, PATH);

    private static List<Integer> types(byte[] packet) {
        List<Integer> types = new ArrayList<>();
        ChunkCursor cursor = new ChunkCursor().wrap(packet, PacketHeader.BYTES, packet.length);
        while (cursor.next()) types.add(cursor.type());
        return types;
    }

    private void send(SctpHost from, int streamId, int length) {
        assertEquals(
                SendResult.QUEUED,
                from.association().send(streamId, new byte[length], Options.reliable(53)));
    }

    private static Options limited(int retransmissions) {
        return new Options(53, true, Long.MAX_VALUE, retransmissions);
    }

    /** Two round trips, and the first message travels with COOKIE ECHO. */
    @Test
    void theFirstMessageArrivesAfterOneAndAHalfRoundTrips() {
        long began = pair.simulation.now();
        pair.a.association().connect(began);
        send(pair.a, 1, 10);
        assertTrue(pair.simulation.runUntil(() -> !pair.b.messages().isEmpty(), Pair.SECONDS));
        assertEquals(60 * MILLIS, pair.simulation.now() - began);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void anyPacketOfTheHandshakeMayBeLost(int lost) {
        AtomicInteger count = new AtomicInteger();
        pair.fromA.dropIf(packet -> count.getAndIncrement() == lost);
        pair.fromB.dropIf(packet -> count.getAndIncrement() == lost);
        pair.connect();
        assertTrue(pair.isUp());
    }

    /** RFC 9653: "each direction on its own". */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void leavesTheChecksumOutWhereThePeerAllowsIt(boolean atA, boolean atB) {
        Pair two = new Pair(1, CONFIG.withZeroChecksum(atA), CONFIG.withZeroChecksum(atB), PATH);
        List<byte[]> fromA = new ArrayList<>();
        List<byte[]> fromB = new ArrayList<>();
        two.connect();
        two.a.tap(fromA::add);
        two.b.tap(fromB::add);
        send(two.a, 1, 10);
        send(two.b, 1, 10);
        two.simulation.run(Pair.SECONDS);
        assertEquals(1, two.a.messages().size());
        assertEquals(1, two.b.messages().size());
        for (byte[] packet : fromA) assertEquals(atB, PacketHeader.checksum(packet, 0) == 0);
        for (byte[] packet : fromB) assertEquals(atA, PacketHeader.checksum(packet, 0) == 0);
    }

    /** RFC 9260 §6.10: "endpoints MUST place control chunks before DATA"; usrsctp aborts else. */
    @Test
    void putsControlChunksBeforeData() {
        pair.connect();
        List<byte[]> packets = new ArrayList<>();
        pair.a.tap(packets::add);
        for (int i = 0; i < 50; i++) {
            send(pair.a, 1, 3000);
            send(pair.b, 1, 700);
            pair.simulation.run(7 * MILLIS);
        }
        int both = 0;
        for (byte[] packet : packets) {
            List<Integer> types = types(packet);
            int data = types.indexOf(ChunkType.I_DATA);
            if (data > 0) both++;
            for (int i = Math.max(0, data); data >= 0 && i < types.size(); i++)
                assertEquals(ChunkType.I_DATA, types.get(i));
        }
        assertTrue(both > 10, "nothing was bundled");
    }

    /** RFC 8985: in about a round trip and a reordering window, not after T3. */
    @ParameterizedTest
    @CsvSource({"1, 110", "2, 150"})
    void recoversALossWithoutWaitingForT3(int times, long mostMillis) {
        pair.connect();
        AtomicInteger dropped = new AtomicInteger();
        for (int i = 0; i < 20; i++) pair.a.association().send(1, new byte[1100], limited(99));
        int[] tsn = {0};
        pair.fromA.dropIf(
                packet -> {
                    if (packet.length < 1000) return false;
                    int at = PacketHeader.BYTES + 4;
                    if (tsn[0] == 0) tsn[0] = Bytes.i32(packet, at);
                    boolean first = Bytes.i32(packet, at) == tsn[0];
                    return first && dropped.getAndIncrement() < times;
                });
        long began = pair.simulation.now();
        assertTrue(pair.simulation.runUntil(() -> pair.b.messages().size() == 20, Pair.SECONDS));
        long millis = (pair.simulation.now() - began) / MILLIS;
        assertTrue(millis <= mostMillis, () -> millis + " ms");
    }

    /**
     * The tail probe (RFC 8985 §7): nothing comes after the last packet to show that it is lost.
     */
    @Test
    void recoversALostTailBeforeT3() {
        pair.connect();
        send(pair.a, 1, 3400);
        AtomicInteger large = new AtomicInteger();
        pair.fromA.dropIf(packet -> packet.length > 500 && large.incrementAndGet() == 3);
        long began = pair.simulation.now();
        assertTrue(pair.simulation.runUntil(() -> !pair.b.messages().isEmpty(), 5 * Pair.SECONDS));
        assertTrue(pair.simulation.now() - began < 350 * MILLIS);
        assertEquals(1, pair.a.association().stats().chunksRetransmitted());
    }

    /** Not taking messages closes the window; memory stays bounded, and nothing is lost. */
    @Test
    void anApplicationThatTakesNothingStopsThePeer() {
        pair.connect();
        pair.b.reading(false);
        for (int i = 0; i < 400; i++) send(pair.a, i % 7, 100_000);
        pair.simulation.run(20 * Pair.SECONDS);
        long held = pair.b.association().stats().heldBytes();
        assertTrue(held <= CONFIG.initialWindowBytes() + 100_000, () -> held + " bytes");
        assertTrue(held > CONFIG.initialWindowBytes() / 2, () -> held + " bytes");
        assertEquals(State.ESTABLISHED, pair.a.association().state());
        pair.b.reading(true);
        pair.simulation.drain();
        assertTrue(
                pair.simulation.runUntil(() -> pair.b.messages().size() == 400, 30 * Pair.SECONDS));
        assertEquals(0, pair.b.association().stats().heldBytes());
    }

    /** RFC 3758 with fragmented unordered messages: of what is given up nothing is kept. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsNothingOfFragmentedMessagesThatAreGivenUp(boolean interleaving) {
        Pair two = new Pair(2, CONFIG.withInterleaving(interleaving), PATH.withLoss(0.1)).connect();
        for (int i = 0; i < 300; i++) {
            two.a.association().send(i % 3, new byte[5000], limited(0));
            two.simulation.run(5 * MILLIS);
        }
        two.simulation.run(20 * Pair.SECONDS);
        int arrived = two.b.messages().size();
        assertTrue(arrived > 100 && arrived < 300, () -> arrived + " arrived");
        AssociationStats sender = two.a.association().stats();
        // One whose acknowledgement was lost is given up as well, though it has arrived.
        long abandoned = sender.messagesAbandoned();
        assertTrue(abandoned >= 300 - arrived && abandoned <= 310 - arrived, () -> "" + sender);
        assertEquals(0, sender.outstandingChunks());
        assertEquals(0, two.b.association().stats().heldBytes());
    }

    /** An answer to FORWARD TSN acknowledges no bytes, but is progress: the timer starts afresh. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostForwardTsnDoesNotHoldUpTheNext(boolean interleaving) {
        SctpConfig config = CONFIG.withInterleaving(interleaving);
        for (int seed = 1; seed <= 8; seed++) {
            Pair two = new Pair(seed, config, PATH.withLoss(0.1)).connect();
            for (int i = 0; i < 300; i++) {
                two.a.association().send(i % 3, new byte[5000], limited(0));
                two.simulation.run(5 * MILLIS);
            }
            two.simulation.run(20 * Pair.SECONDS);
            assertEquals(0, two.a.association().stats().outstandingChunks(), "seed " + seed);
        }
    }

    /** RFC 3758 §4: a message whose lifetime is over is not sent any more. */
    @Test
    void dropsWhatIsTooOld() {
        pair.connect();
        pair.fromA.cut(true);
        long expires = pair.simulation.now() + 100 * MILLIS;
        for (int i = 0; i < 200; i++)
            pair.a
                    .association()
                    .send(1, new byte[1000], new Options(53, false, expires, Options.UNLIMITED));
        pair.simulation.run(Pair.SECONDS);
        pair.fromA.cut(false);
        send(pair.a, 1, 7);
        assertTrue(
                pair.simulation.runUntil(
                        () -> pair.b.messages().stream().anyMatch(m -> m.data().length == 7),
                        10 * Pair.SECONDS));
        assertEquals(1, pair.b.messages().size());
        assertEquals(200, pair.a.association().stats().messagesAbandoned());
    }

    /** After an outage the backed-off timer is not waited for, once the path is known to work. */
    @Test
    void triesAtOnceWhenThePathHasChanged() {
        pair.connect();
        pair.fromA.cut(true);
        send(pair.a, 1, 5000);
        pair.simulation.run(25 * Pair.SECONDS);
        pair.fromA.cut(false);
        long healed = pair.simulation.now();
        pair.a.association().pathChanged(healed);
        assertTrue(pair.simulation.runUntil(() -> !pair.b.messages().isEmpty(), Pair.SECONDS));
        long millis = (pair.simulation.now() - healed) / MILLIS;
        assertTrue(millis <= 60, () -> millis + " ms");
    }

    /** RFC 9260 §8.1: the counter of consecutive timeouts ends it. */
    @Test
    void givesUpAPeerThatDoesNotAnswer() {
        pair.connect();
        pair.fromB.cut(true);
        send(pair.a, 1, 10);
        pair.simulation.run(120 * Pair.SECONDS);
        assertEquals(CloseReason.PEER_UNREACHABLE, ((Closed) pair.a.events().getLast()).reason());
        assertEquals(SendResult.CLOSED, sendLate());
        assertEquals(0, pair.a.association().stats().queuedBytes());
    }

    private SendResult sendLate() {
        return pair.a.association().send(1, new byte[1], Options.reliable(53));
    }

    /** RFC 9260 §8.3: an idle peer is asked. */
    @Test
    void noticesAnIdlePeerThatIsGone() {
        pair.connect();
        pair.fromA.cut(true);
        pair.simulation.run(300 * Pair.SECONDS);
        assertEquals(State.CLOSED, pair.a.association().state());
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0.2, false", "0, true", "0.2, true"})
    void shutsDownAfterEverythingHasArrived(double loss, boolean both) {
        Pair two = new Pair(3, CONFIG, PATH.withLoss(loss)).connect();
        send(two.a, 1, 200_000);
        send(two.b, 1, 100_000);
        two.a.association().shutdown(two.simulation.now());
        if (both) two.b.association().shutdown(two.simulation.now());
        two.simulation.run(120 * Pair.SECONDS);
        assertEquals(1, two.b.messages().size());
        assertEquals(1, two.a.messages().size());
        assertEquals(CloseReason.SHUTDOWN, ((Closed) two.a.events().getLast()).reason());
        assertEquals(CloseReason.SHUTDOWN, ((Closed) two.b.events().getLast()).reason());
    }

    @Test
    void tellsThePeerOfAnAbort() {
        pair.connect();
        pair.a.association().abort("no more");
        pair.simulation.drain();
        pair.simulation.run(Pair.SECONDS);
        Closed closed = (Closed) pair.b.events().getLast();
        assertEquals(CloseReason.PEER_ABORTED, closed.reason());
        assertEquals("cause 12: no more", closed.detail());
    }

    /** RFC 6525 §5.2.2: the reset waits for what was sent before it, and then counts from zero. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void resetsAStreamInOrderWithItsMessages(long seed) {
        Pair two = new Pair(seed, CONFIG, PATH.withLoss(0.2)).connect();
        for (int round = 0; round < 5; round++) {
            send(two.a, 3, 20_000);
            assertTrue(two.a.association().resetStreams(List.of(3)));
            send(two.a, 3, 100 + round);
            int rounds = round + 1;
            assertTrue(
                    two.simulation.runUntil(
                            () -> resets(two) == rounds && two.b.messages().size() == 2 * rounds,
                            120 * Pair.SECONDS));
        }
        assertEquals(0, two.b.association().stats().heldBytes());
    }

    private static long resets(Pair two) {
        return two.a.events().stream()
                .filter(AssociationEvent.OutgoingStreamsReset.class::isInstance)
                .count();
    }

    /** RFC 9260 §5.2.4 A: the peer's process was started anew behind the same ports. */
    @Test
    void noticesThatThePeerHasBegunAnew() {
        pair.connect();
        SctpHost again = new SctpHost(CONFIG, 99);
        pair.simulation.attach(again, pair.b, pair.fromA, pair.fromB);
        again.association().connect(pair.simulation.now());
        byte[] init = again.transmit(pair.simulation.now());
        assertTrue(init != null);
        pair.b.receive(init, pair.simulation.now());
        byte[] initAck = pair.b.transmit(pair.simulation.now());
        assertTrue(initAck != null);
        again.receive(initAck, pair.simulation.now());
        byte[] cookieEcho = again.transmit(pair.simulation.now());
        assertTrue(cookieEcho != null);
        pair.b.receive(cookieEcho, pair.simulation.now());
        byte[] cookieAck = pair.b.transmit(pair.simulation.now());
        assertTrue(cookieAck != null);
        again.receive(cookieAck, pair.simulation.now());
        assertEquals(State.ESTABLISHED, again.association().state());
        assertTrue(pair.b.events().stream().anyMatch(AssociationEvent.Restarted.class::isInstance));
    }

    /** RFC 9260 §8.5: wrong tags, ports and checksums are dropped without a word. */
    @Test
    void dropsPacketsThatAreNotForIt() {
        Pair two = new Pair(1, CONFIG.withZeroChecksum(false), PATH).connect();
        List<byte[]> packets = new ArrayList<>();
        two.a.tap(packets::add);
        send(two.a, 1, 10);
        two.simulation.run(Pair.SECONDS);
        byte[] packet = packets.getFirst();
        for (int at : new int[] {1, 3, 5, 9, 20}) {
            byte[] wrong = packet.clone();
            wrong[at] ^= 1;
            long before = two.b.association().stats().invalidPackets();
            two.b.receive(wrong, two.simulation.now());
            assertEquals(before + 1, two.b.association().stats().invalidPackets());
        }
        assertEquals(1, two.b.messages().size());
        assertFalse(two.b.association().state() == State.CLOSED);
    }
}
