package dev.peerline.fallback.link.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.DownFrame.Datagram;
import dev.peerline.fallback.link.wire.DownFrame.Entry;
import dev.peerline.fallback.link.wire.DownFrame.Gap;
import dev.peerline.fallback.link.wire.DownFrame.Pong;
import dev.peerline.fallback.link.wire.DownFrame.UpAck;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;

import org.junit.jupiter.api.Test;

import java.util.List;

final class DownReaderTest {
    private static final Member FROM = new Member(new Id(1, 2), 3);

    private final MemoryLog log =
            new MemoryLog(1, new LogLimits(1 << 20, 100, new Budget(Long.MAX_VALUE)));
    private final DownReader reader = new DownReader(log, 0, 0);

    private void append(Bytes body) {
        log.append(new LogEntry(EntryBody.envelopeHeader(FROM, 9), body));
    }

    private List<DownFrame> next(long now) {
        Bytes packet = reader.next(now);
        if (packet == null) return List.of();
        if (DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var frames)) {
            return frames;
        }
        throw new AssertionError("malformed");
    }

    private static Entry entry(long offset, Bytes body) {
        return new Entry(0, offset, new EntryBody.Envelope(FROM, 9, body));
    }

    @Test
    void hasNothingToSayAtFirst() {
        assertNull(reader.next(0));
        assertEquals(Long.MAX_VALUE, reader.deadlineMillis());
    }

    @Test
    void writesWhatWaitsInOnePacketAndEachEntryOnce() {
        append(Bytes.utf8("a"));
        append(Bytes.utf8("b"));
        assertEquals(List.of(entry(1, Bytes.utf8("a")), entry(2, Bytes.utf8("b"))), next(0));
        assertEquals(2, reader.position());
        assertEquals(List.of(), next(0));
        append(Bytes.utf8("c"));
        assertEquals(List.of(entry(3, Bytes.utf8("c"))), next(0));
    }

    @Test
    void beginsAfterItsCursor() {
        append(Bytes.utf8("a"));
        append(Bytes.utf8("b"));
        DownReader resumed = new DownReader(log, 1, 0);
        assertEquals(entry(2, Bytes.utf8("b")).encode(), resumed.next(0));
    }

    @Test
    void aPacketStopsGrowingAtItsSizeAndOneLargeEntryFitsAlone() {
        for (int i = 0; i < 3; i++) append(Bytes.of(new byte[30_000]));
        append(Bytes.of(new byte[200_000]));
        assertEquals(2, next(0).size());
        assertEquals(1, next(0).size());
        assertEquals(1, next(0).size());
        assertNull(reader.next(0));
    }

    @Test
    void acknowledgesTheWayUpAfterAWhileOrWithOtherFrames() {
        reader.taken(3, 100, 1_000);
        assertEquals(1_000 + DownReader.ACK_DELAY_MILLIS, reader.deadlineMillis());
        assertNull(reader.next(1_000 + DownReader.ACK_DELAY_MILLIS - 1));
        assertEquals(List.of(new UpAck(3)), next(1_000 + DownReader.ACK_DELAY_MILLIS));
        assertEquals(Long.MAX_VALUE, reader.deadlineMillis());
        reader.taken(4, 100, 2_000);
        append(Bytes.EMPTY);
        assertEquals(List.of(entry(1, Bytes.EMPTY), new UpAck(4)), next(2_000));
        assertNull(reader.next(9_000));
    }

    @Test
    void acknowledgesAtOnceWhenMuchWasTaken() {
        reader.taken(1, DownReader.ACK_BYTES - 1, 0);
        assertNull(reader.next(0));
        reader.taken(2, 1, 0);
        assertEquals(List.of(new UpAck(2)), next(0));
    }

    @Test
    void acknowledgesAgainWhatCameAgain() {
        reader.taken(2, 10, 0);
        assertEquals(List.of(new UpAck(2)), next(100));
        reader.taken(2, 10, 200);
        assertEquals(List.of(new UpAck(2)), next(300));
    }

    @Test
    void tellsAGapBeforeWhatIsStillThere() {
        for (int i = 0; i < 105; i++) append(Bytes.EMPTY);
        List<DownFrame> frames = next(0);
        assertEquals(5, assertInstanceOf(Gap.class, frames.getFirst()).offset());
        assertEquals(entry(6, Bytes.EMPTY), frames.get(1));
        assertTrue(reader.takeGap());
        assertFalse(reader.takeGap());
    }

    @Test
    void whatItsClientAcknowledgedOnAnotherCarrierIsNoGap() {
        for (int i = 0; i < 5; i++) append(Bytes.EMPTY);
        log.acknowledge(3);
        assertEquals(entry(4, Bytes.EMPTY), next(0).getFirst());
        assertFalse(reader.takeGap());
    }

    @Test
    void datagramsAreBoundedAndTheOldestGoFirst() {
        Bytes frames = Bytes.of(new byte[10_000]);
        int dropped = 0;
        for (int i = 0; i < 10; i++) {
            dropped += reader.datagram(new Datagram(FROM, i, frames));
        }
        assertEquals(4, dropped);
        assertEquals(new Datagram(FROM, 4, frames), next(0).getFirst());
    }

    @Test
    void pongsAreBounded() {
        for (int i = 0; i < 1_000; i++) reader.control(new Pong(Bytes.EMPTY));
        assertEquals(DownReader.CONTROL_FRAMES, next(0).size());
    }

    @Test
    void endsWithWhatWasTakenAndWhyAndReadsNoMore() {
        append(Bytes.EMPTY);
        reader.taken(8, 1, 0);
        Refusal last = Refusal.of(ErrorCode.SILENT, "quiet");
        reader.end(last);
        reader.end(Refusal.of(ErrorCode.INTERNAL, "too late"));
        assertEquals(List.of(new UpAck(8), last), next(0));
        assertNull(reader.next(0));
    }
}
