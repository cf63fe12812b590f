package dev.peerline.datachannel.sctp.tx;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;
import dev.peerline.datachannel.sctp.congestion.AckSample;
import dev.peerline.datachannel.sctp.congestion.CongestionControl;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** A sender by itself, with a window that the test sets; its TSNs begin at 1. */
final class SenderFixture {
    static final long MILLIS = 1_000_000;

    /** Of a chunk of 1000 bytes in flight. */
    static final int WIRE = 1016;

    final SendQueue queue = new SendQueue(1 << 24);
    final RttEstimator rtt = new RttEstimator(400 * MILLIS, 300 * MILLIS, 10_000 * MILLIS);
    final Window window = new Window();
    final Sender sender;

    /** Stays as large as it is told; remembers what it was told. */
    static final class Window implements CongestionControl {
        long bytes = 1 << 20;
        long rate;
        int timeouts;
        int spuriousTimeouts;
        int pathChanges;
        int restarts;
        List<Told> told = new ArrayList<>();

        Told last() {
            return told.getLast();
        }

        @Override
        public void onAck(AckSample sample) {
            told.add(
                    new Told(
                            sample.ackedBytes,
                            sample.lostBytes,
                            sample.priorInFlightBytes,
                            sample.inFlightBytes,
                            sample.rttNanos,
                            sample.lossEvent,
                            sample.cumulativeAdvanced,
                            sample.windowLimited,
                            sample.recovering,
                            sample.appLimited));
        }

        @Override
        public void onTimeout() {
            timeouts++;
        }

        @Override
        public void onSpuriousTimeout() {
            spuriousTimeouts++;
        }

        @Override
        public void onPathChange() {
            pathChanges++;
        }

        @Override
        public void onRestart(long nowNanos) {
            restarts++;
        }

        @Override
        public long windowBytes() {
            return bytes;
        }

        @Override
        public long pacingBytesPerSecond() {
            return rate;
        }
    }

    record Told(
            long acked,
            long lost,
            long priorInFlight,
            long inFlight,
            long rttNanos,
            boolean lossEvent,
            boolean advanced,
            boolean windowLimited,
            boolean recovering,
            boolean appLimited) {}

    /** FORWARD TSN, if one is due. */
    @Nullable ForwardTsnChunk forward(long nowNanos, int room) {
        byte[] bytes = new byte[1188];
        PacketWriter out = new PacketWriter();
        out.begin(bytes, 0, PacketHeader.BYTES + room);
        sender.writeForwardTsn(out, nowNanos);
        if (out.isEmpty()) return null;
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, PacketHeader.BYTES, out.length());
        assertTrue(cursor.next());
        return ForwardTsnChunk.parse(cursor).orNull();
    }

    record Data(int tsn, int streamId, int messageId, int length, String flags) {}

    SenderFixture(long peerWindow) {
        this(new Sender.Settings(1, peerWindow, false, true));
    }

    SenderFixture(Sender.Settings settings) {
        sender = new Sender(queue, window, rtt, settings);
    }

    SenderFixture() {
        this(1 << 20);
    }

    void offer(int streamId, int length, Options options) {
        assertTrue(queue.offer(streamId, new byte[length], 0, length, options));
    }

    /** This many messages of 1000 bytes on stream 3. */
    void offer(int messages) {
        for (int i = 0; i < messages; i++) offer(3, 1000, Options.reliable(53));
    }

    /** What one packet of 1188 bytes carries now. */
    List<Data> packet(long nowNanos) {
        byte[] bytes = new byte[1188];
        PacketWriter out = new PacketWriter();
        out.begin(bytes, 0, bytes.length);
        boolean any = sender.writeData(out, nowNanos);
        ChunkCursor cursor = new ChunkCursor();
        cursor.wrap(bytes, PacketHeader.BYTES, out.length());
        List<Data> found = new ArrayList<>();
        DataFields data = new DataFields();
        while (cursor.next()) {
            assertNull(DataChunk.read(cursor, data));
            String flags =
                    (data.begin() ? "B" : "")
                            + (data.end() ? "E" : "")
                            + (data.unordered() ? "U" : "")
                            + (data.immediate() ? "I" : "");
            found.add(
                    new Data(
                            data.tsn(),
                            data.streamId(),
                            data.messageId(),
                            data.payloadLength(),
                            flags));
        }
        assertTrue(any != found.isEmpty());
        return found;
    }

    /** The first chunk of a packet. */
    ChunkCursor chunk(long nowNanos) {
        byte[] bytes = new byte[1188];
        PacketWriter out = new PacketWriter();
        out.begin(bytes, 0, bytes.length);
        sender.writeData(out, nowNanos);
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, PacketHeader.BYTES, out.length());
        assertTrue(cursor.next() || out.isEmpty());
        return cursor;
    }

    /** The TSNs of all packets that may leave now. */
    List<Integer> send(long nowNanos) {
        List<Integer> tsns = new ArrayList<>();
        while (sender.mayWriteData(nowNanos)) {
            List<Data> packet = packet(nowNanos);
            if (packet.isEmpty()) break;
            packet.forEach(one -> tsns.add(one.tsn()));
        }
        return tsns;
    }

    /** A SACK whose gaps are first and last TSNs in turn. */
    void sack(long nowNanos, int cumulative, int... gaps) {
        sack(nowNanos, 1 << 20, 0, cumulative, gaps);
    }

    void sackWithDuplicate(long nowNanos, int cumulative, int... gaps) {
        sack(nowNanos, 1 << 20, 1, cumulative, gaps);
    }

    void sackWithWindow(long nowNanos, long peerWindow, int cumulative, int... gaps) {
        sack(nowNanos, peerWindow, 0, cumulative, gaps);
    }

    private void sack(long nowNanos, long peerWindow, int duplicates, int cumulative, int[] gaps) {
        byte[] bytes = new byte[1188];
        PacketWriter out = new PacketWriter();
        out.begin(bytes, 0, bytes.length);
        int start = SackChunk.begin(out, cumulative, peerWindow);
        for (int tsn : gaps) out.put16(tsn - cumulative);
        for (int i = 0; i < duplicates; i++) out.put32(cumulative);
        SackChunk.end(out, start, gaps.length / 2, duplicates);
        ChunkCursor cursor = new ChunkCursor().wrap(bytes, PacketHeader.BYTES, out.length());
        assertTrue(cursor.next());
        SackChunk sack = new SackChunk();
        assertNull(sack.read(cursor));
        sender.onSack(sack, nowNanos);
    }
}
