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
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

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
}
