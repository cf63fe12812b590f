package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent.Closed;
import dev.peerline.datachannel.sctp.AssociationEvent.Established;
import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.InitParameters;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The handshake, packet by packet (RFC 9260 §5). */
final class HandshakeTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LIFE = SctpConfig.defaults().timing().cookieLifeNanos();

    private final Association a = new Association(SctpConfig.defaults(), 1);
    private final Association b = new Association(SctpConfig.defaults(), 2);
    private long now = 5 * SECOND;

    private byte[] only(Association from) {
        List<byte[]> packets = RawPeer.transmit(from, now);
        assertEquals(1, packets.size());
        return packets.getFirst();
    }

    /** A has sent INIT and has its answer. */
    private byte[] cookieEcho() {
        a.connect(now);
        RawPeer.receive(b, only(a), now);
        RawPeer.receive(a, only(b), now);
        return only(a);
    }

    private static boolean isEstablished(Association association) {
        return association.nextEvent() instanceof Established;
    }

    @Test
    void goesThroughFourPackets() {
        byte[] echo = cookieEcho();
        assertEquals(List.of(ChunkType.COOKIE_ECHO), RawPeer.types(echo));
        RawPeer.receive(b, echo, now);
        assertTrue(isEstablished(b));
        byte[] ack = only(b);
        assertEquals(ChunkType.COOKIE_ACK, RawPeer.types(ack).getFirst());
        RawPeer.receive(a, ack, now);
        assertTrue(isEstablished(a));
    }

    /** §5.1.5 step 4: "Stale Cookie" is answered, and no association is made. */
    @Test
    void answersAStaleCookieWithHowLateItCame() {
        byte[] echo = cookieEcho();
        now += LIFE + 1_500_000;
        RawPeer.receive(b, echo, now);
        assertEquals(State.CLOSED, b.state());
        byte[] error = only(b);
        assertEquals(List.of(ChunkType.ERROR), RawPeer.types(error));
        ErrorCause cause = ErrorCause.parse(RawPeer.find(error, ChunkType.ERROR)).getFirst();
        assertEquals(ErrorCause.STALE_COOKIE, cause.code());
        // §3.3.10.3: "the difference, in microseconds".
        assertEquals(1500, Bytes.i32(cause.information(), 0));
        // §5.2.6: "Discard the TCB and report to the upper layer".
        RawPeer.receive(a, error, now);
        assertEquals(State.CLOSED, a.state());
        AssociationEvent event = a.nextEvent();
        assertTrue(event instanceof Closed closed && closed.reason() == CloseReason.NO_HANDSHAKE);
    }

    @Test
    void takesACookieUpToItsLastMoment() {
        byte[] echo = cookieEcho();
        now += LIFE;
        RawPeer.receive(b, echo, now);
        assertTrue(isEstablished(b));
    }

    /** §5.2.4 D: of the association there is, a cookie is acknowledged again, however old. */
    @Test
    void acknowledgesAnOldCookieOfTheAssociationThereIs() {
        byte[] echo = cookieEcho();
        RawPeer.receive(b, echo, now);
        assertTrue(isEstablished(b));
        only(b);
        now += 2 * LIFE;
        RawPeer.receive(b, echo, now);
        assertEquals(List.of(ChunkType.COOKIE_ACK), RawPeer.types(only(b)));
        assertNull(b.nextEvent());
    }

    /** §5.1.5 step 3: "If these values do not match, the packet MUST be silently discarded." */
    @Test
    void dropsACookieUnderAnotherTag() {
        byte[] echo = cookieEcho();
        byte[] wrong = echo.clone();
        wrong[5] ^= 1;
        RawPeer.receive(b, RawPeer.sealed(wrong), now);
        assertEquals(State.CLOSED, b.state());
        assertTrue(RawPeer.transmit(b, now).isEmpty());
        assertEquals(1, b.stats().invalidPackets());
        RawPeer.receive(b, echo, now);
        assertTrue(isEstablished(b));
    }

    /** §5.1.5 step 2: one that it has not made is dropped without a word. */
    @ParameterizedTest
    @CsvSource({"0", "16", "23", "55"})
    void dropsAForeignCookie(int at) {
        byte[] echo = cookieEcho();
        if (at < 8) echo[16 + at] ^= 1;
        else echo = foreign(echo, at);
        RawPeer.receive(b, RawPeer.sealed(echo), now);
        assertTrue(RawPeer.transmit(b, now).isEmpty());
        assertEquals(State.CLOSED, b.state());
    }

    /** Cut to a length. */
    private static byte[] foreign(byte[] echo, int length) {
        byte[] cookie = Arrays.copyOf(RawPeer.find(echo, ChunkType.COOKIE_ECHO).value(), length);
        return RawPeer.packet(
                RawPeer.tag(echo),
                out -> SimpleChunks.writeOpaque(out, ChunkType.COOKIE_ECHO, cookie));
    }

    /** §5.2.3: "in any state other than COOKIE-WAIT", INIT ACK is discarded. */
    @Test
    void dropsASecondInitAck() {
        a.connect(now);
        RawPeer.receive(b, only(a), now);
        byte[] ack = only(b);
        RawPeer.receive(a, ack, now);
        byte[] echo = only(a);
        RawPeer.receive(a, ack, now);
        assertTrue(RawPeer.transmit(a, now).isEmpty());
        RawPeer.receive(b, echo, now);
        assertTrue(isEstablished(b));
    }

    private static void init(PacketWriter out, int type, byte[]... parameters) {
        out.beginChunk(type, 0);
        out.put32(77);
        out.put32(100_000);
        out.put16(10);
        out.put16(10);
        out.put32(1);
        for (byte[] parameter : parameters) {
            out.pad();
            out.put(parameter);
        }
        out.endChunk();
    }

    private static byte[] parameter(int type, int valueBytes) {
        byte[] parameter = new byte[4 + valueBytes];
        Bytes.put16(parameter, 0, type);
        Bytes.put16(parameter, 2, parameter.length);
        for (int i = 0; i < valueBytes; i++) parameter[4 + i] = (byte) i;
        return parameter;
    }

    private static List<byte[]> parameters(ChunkCursor chunk, int type) {
        List<byte[]> found = new ArrayList<>();
        byte[] bytes = chunk.bytes();
        int at = chunk.start() + 20;
        while (at + 4 <= chunk.end()) {
            int length = Bytes.u16(bytes, at + 2);
            if (Bytes.u16(bytes, at) == type)
                found.add(Arrays.copyOfRange(bytes, at + 4, at + length));
            at += Bytes.padded(length);
        }
        return found;
    }

    /**
     * RFC 9260 §3.2.1, by the two highest bits: "00 - Stop processing this parameter", "01 - …
     * report the unrecognized parameter", "10 - Skip this parameter and continue processing", "11 -
     * Skip this parameter and continue processing but report".
     */
    @ParameterizedTest
    @CsvSource({
        "0x3ffe, false, false",
        "0x7ffe, false, true",
        "0xbffe, true, false",
        "0xfffe, true, true"
    })
    void theHighestBitsOfAParameterSayWhatToDo(int type, boolean goesOn, boolean reports) {
        byte[] unknown = parameter(type, 5);
        byte[] forwardTsn = parameter(0xc000, 0);
        // Without I-DATA, whose FORWARD TSN is another.
        RawPeer.receive(
                b, RawPeer.packet(0, out -> init(out, ChunkType.INIT, unknown, forwardTsn)), now);
        byte[] answer = only(b);
        assertEquals(77, RawPeer.tag(answer));
        ChunkCursor ack = RawPeer.find(answer, ChunkType.INIT_ACK);
        List<byte[]> reported = parameters(ack, 8);
        assertEquals(reports ? 1 : 0, reported.size());
        if (reports) assertArrayEquals(unknown, reported.getFirst());
        byte[] cookie = parameters(ack, 7).getFirst();
        int tag = Bytes.i32(ack.bytes(), ack.start() + 4);
        RawPeer.receive(
                b,
                RawPeer.packet(
                        tag, out -> SimpleChunks.writeOpaque(out, ChunkType.COOKIE_ECHO, cookie)),
                now);
        AssociationEvent event = b.nextEvent();
        assertTrue(event instanceof Established up && up.terms().partialReliability() == goesOn);
    }

    /** A report that does not fit must not keep the answer from being sent. */
    @Test
    void answersAnInitWithMoreUnknownParametersThanThereIsRoomFor() {
        byte[][] many = new byte[60][];
        for (int i = 0; i < many.length; i++) many[i] = parameter(0xfffe, 40);
        RawPeer.receive(b, RawPeer.packet(0, out -> init(out, ChunkType.INIT, many)), now);
        byte[] answer = only(b);
        assertTrue(answer.length <= SctpConfig.SAFE_PACKET_BYTES);
        ChunkCursor ack = RawPeer.find(answer, ChunkType.INIT_ACK);
        assertEquals(1, parameters(ack, 7).size());
        int reported = parameters(ack, 8).size();
        assertTrue(reported > 15 && reported < 60, () -> reported + " reported");
    }

    /** §3.2.2: of an INIT ACK the report travels with COOKIE ECHO. */
    @ParameterizedTest
    @CsvSource({"1, 1", "60, 15"})
    void reportsUnknownParametersOfAnInitAckAsFarAsTheyFit(int count, int least) {
        a.connect(now);
        int tag = Bytes.i32(only(a), 16);
        byte[][] all = new byte[count + 1][];
        all[0] = parameter(7, 20);
        for (int i = 1; i <= count; i++) all[i] = parameter(0xfffe, 40);
        RawPeer.receive(a, RawPeer.packet(tag, out -> init(out, ChunkType.INIT_ACK, all)), now);
        byte[] echo = only(a);
        assertEquals(List.of(ChunkType.COOKIE_ECHO, ChunkType.ERROR), RawPeer.types(echo));
        assertTrue(echo.length <= SctpConfig.SAFE_PACKET_BYTES);
        List<ErrorCause> causes = ErrorCause.parse(RawPeer.find(echo, ChunkType.ERROR));
        assertTrue(causes.size() >= least, () -> causes.size() + " causes");
        assertEquals(ErrorCause.UNRECOGNIZED_PARAMETERS, causes.getFirst().code());
        assertArrayEquals(all[1], causes.getFirst().information());
    }

    /** A cookie that no packet of ours has room for cannot go back. */
    @ParameterizedTest
    @CsvSource({"1172, true", "1173, false"})
    void takesNoCookieThatDoesNotFit(int bytes, boolean taken) {
        a.connect(now);
        int tag = Bytes.i32(only(a), 16);
        byte[] cookie = parameter(7, bytes);
        RawPeer.receive(a, RawPeer.packet(tag, out -> init(out, ChunkType.INIT_ACK, cookie)), now);
        assertEquals(taken ? State.COOKIE_ECHOED : State.COOKIE_WAIT, a.state());
        if (taken) assertEquals(SctpConfig.SAFE_PACKET_BYTES, only(a).length);
        else assertTrue(RawPeer.transmit(a, now).isEmpty());
    }

    /** An INIT ACK without a cookie leads nowhere: INIT again, and at last the end. */
    @Test
    void givesUpWhenNothingComesOfTheHandshake() {
        a.connect(now);
        int inits = RawPeer.transmit(a, now).size();
        while (a.state() != State.CLOSED) {
            now = a.deadlineNanos();
            a.advance(now);
            inits += RawPeer.transmit(a, now).size();
        }
        assertEquals(1 + SctpConfig.defaults().timing().maxInitRetransmissions(), inits);
        assertNotNull(a.nextEvent());
    }

    /** What just fits is reported; 4 bytes more, and the last one is not. */
    @ParameterizedTest
    @CsvSource({"12, 11", "16, 10"})
    void reportsOfAnInitAsMuchAsFits(int lastBytes, int reported) {
        byte[][] all = new byte[11][];
        Arrays.fill(all, parameter(0xfffe, 96));
        all[10] = parameter(0xfffe, lastBytes);
        RawPeer.receive(b, RawPeer.packet(0, out -> init(out, ChunkType.INIT, all)), now);
        assertEquals(reported, parameters(RawPeer.find(only(b), ChunkType.INIT_ACK), 8).size());
    }

    @ParameterizedTest
    @CsvSource({"116, 5", "120, 4"})
    void reportsOfAnInitAckAsMuchAsFits(int lastBytes, int reported) {
        a.connect(now);
        int tag = Bytes.i32(only(a), 16);
        byte[][] all = new byte[6][];
        Arrays.fill(all, parameter(0xfffe, 248));
        all[0] = parameter(7, 20);
        all[5] = parameter(0xfffe, lastBytes);
        RawPeer.receive(a, RawPeer.packet(tag, out -> init(out, ChunkType.INIT_ACK, all)), now);
        byte[] echo = only(a);
        assertTrue(echo.length <= SctpConfig.SAFE_PACKET_BYTES);
        assertEquals(reported, ErrorCause.parse(RawPeer.find(echo, ChunkType.ERROR)).size());
    }

    /** §5.1.6: T1 backs off, but not for long: somebody waits for the first message. */
    @Test
    void repeatsInitAndCookieEchoAfterTwoSecondsAtMost() {
        long[] waits = {400, 800, 1600, 2000, 2000};
        a.connect(now);
        byte[] init = only(a);
        for (long millis : waits) {
            assertEquals(now + millis * 1_000_000, a.deadlineNanos());
            now = a.deadlineNanos() - 1;
            a.advance(now);
            assertTrue(RawPeer.transmit(a, now).isEmpty());
            now++;
            a.advance(now);
            assertArrayEquals(init, only(a));
        }
        RawPeer.receive(b, init, now);
        RawPeer.receive(a, only(b), now);
        byte[] echo = only(a);
        for (long millis : waits) {
            assertEquals(now + millis * 1_000_000, a.deadlineNanos());
            now = a.deadlineNanos();
            a.advance(now);
            assertArrayEquals(echo, only(a));
        }
        // Karn: of what was sent twice nothing is measured.
        assertEquals(0, a.stats().smoothedRttNanos());
    }

    /** The handshake measures the path: INIT by its answer, INIT ACK by the cookie. */
    @Test
    void measuresTheRoundTripOnBothSides() {
        a.connect(now);
        byte[] init = only(a);
        now += 30_000_000;
        RawPeer.receive(b, init, now);
        byte[] ack = only(b);
        now += 40_000_000;
        RawPeer.receive(a, ack, now);
        assertEquals(70_000_000, a.stats().smoothedRttNanos());
        byte[] echo = only(a);
        now += 50_000_000;
        RawPeer.receive(b, echo, now);
        assertEquals(90_000_000, b.stats().smoothedRttNanos());
        RawPeer.receive(a, only(b), now);
        assertEquals(State.ESTABLISHED, a.state());
        assertEquals(State.ESTABLISHED, b.state());
        // T1 has stopped: the next thing to do is to ask an idle peer.
        assertEquals(now + 30 * SECOND, a.deadlineNanos());
        assertEquals(now + 30 * SECOND, b.deadlineNanos());
    }

    /** What the handshake has measured is what the receive window grows by. */
    @ParameterizedTest
    @CsvSource({"200, 8000", "20, 4000"})
    void growsTheWindowByTheRoundTripOfTheHandshake(long roundTripMillis, long window) {
        Association small =
                new Association(SctpConfig.defaults().withMemory(1000, 4000, 1 << 20, 1 << 20), 3);
        a.connect(now);
        RawPeer.receive(small, only(a), now);
        RawPeer.receive(a, only(small), now);
        now += roundTripMillis * 1_000_000;
        RawPeer.receive(small, only(a), now);
        RawPeer.receive(a, only(small), now);
        byte[] sack = {};
        for (int i = 0; i < 4; i++) {
            now += 101_000_000;
            a.send(1, new byte[700], Options.reliable(53));
            RawPeer.receive(small, only(a), now);
            while (small.nextEvent() != null) {}
            small.advance(small.deadlineNanos());
            sack = only(small);
            RawPeer.receive(a, sack, now);
        }
        ChunkCursor chunk = RawPeer.find(sack, ChunkType.SACK);
        assertEquals(window, Bytes.u32(chunk.bytes(), chunk.start() + 8));
    }

    /** Both have begun: the cookie's age is not taken for a round trip that is known better. */
    @Test
    void keepsWhatTheInitAckHasMeasured() {
        a.connect(now);
        b.connect(now);
        byte[] initOfA = only(a);
        byte[] initOfB = only(b);
        now += 20_000_000;
        RawPeer.receive(a, initOfB, now);
        RawPeer.receive(b, initOfA, now);
        byte[] ackOfA = only(a);
        byte[] ackOfB = only(b);
        now += 20_000_000;
        RawPeer.receive(a, ackOfB, now);
        RawPeer.receive(b, ackOfA, now);
        now += 500_000_000;
        RawPeer.receive(b, only(a), now);
        assertTrue(isEstablished(b));
        assertEquals(40_000_000, b.stats().smoothedRttNanos());
    }

    /** An INIT ACK that leads nowhere is counted: malformed, or without a cookie. */
    @Test
    void countsAnInitAckThatIsNone() {
        a.connect(now);
        int tag = Bytes.i32(only(a), 16);
        RawPeer.receive(a, RawPeer.packet(tag, out -> init(out, ChunkType.INIT_ACK)), now);
        byte[] cut = new byte[15];
        RawPeer.receive(
                a, RawPeer.packet(tag, out -> RawPeer.chunk(out, ChunkType.INIT_ACK, 0, cut)), now);
        assertEquals(2, a.stats().invalidPackets());
        assertEquals(State.COOKIE_WAIT, a.state());
    }

    /** A path that has changed is tried at once. */
    @Test
    void doesNotWaitForT1WhenThePathHasChanged() {
        a.connect(now);
        byte[] init = only(a);
        now += 1;
        a.pathChanged(now);
        assertEquals(now, a.deadlineNanos());
        a.advance(now);
        assertArrayEquals(init, only(a));
    }

    /** Who has nothing but itself is not asked: no probe, no reset, before the peer is known. */
    @Test
    void asksNobodyBeforeItIsUp() {
        a.connect(now);
        only(a);
        a.probe();
        assertTrue(RawPeer.transmit(a, now).isEmpty());
    }

    /** RFC 9260 §3.3.2, RFC 5061 §4.2.7: the extensions are those that it was told to offer. */
    @ParameterizedTest
    @CsvSource({
        "true, true, true, 130 192 64 194",
        "true, false, false, 130 192",
        "false, true, true, 130 64",
        "false, false, false, 130"
    })
    void offersWhatItWasToldTo(
            boolean forward, boolean interleaving, boolean zeroChecksum, String extensions) {
        SctpConfig config =
                SctpConfig.defaults()
                        .withPartialReliability(forward)
                        .withInterleaving(interleaving)
                        .withZeroChecksum(zeroChecksum);
        InitParameters offered = new Association(config, 1).localInit().chunk().parameters();
        List<String> types = offered.extensions().stream().map(String::valueOf).toList();
        assertEquals(extensions, String.join(" ", types));
        assertEquals(forward, offered.forwardTsn());
        assertEquals(zeroChecksum ? 1 : 0, offered.zeroChecksumMethod());
    }
}
