package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/** What the parts of reading a packet cost: its checksum, and the SACK in it with all its gaps. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ParsingJmh {
    private final byte[] full = new byte[SctpConfig.SAFE_PACKET_BYTES];
    private final byte[] packet = new byte[SctpConfig.SAFE_PACKET_BYTES];
    private final PacketHeader header = new PacketHeader();
    private final ChunkCursor cursor = new ChunkCursor();
    private final SackChunk sack = new SackChunk();
    private int length;

    /** Gap blocks in the SACK. */
    @Param({"0", "16", "256"})
    public int gaps;

    @Setup
    public void write() {
        for (int i = 0; i < full.length; i++) full[i] = (byte) (31 * i);
        PacketWriter out = new PacketWriter();
        out.begin(packet, 0, packet.length);
        int start = SackChunk.begin(out, 1000, 1 << 20);
        for (int i = 0; i < gaps; i++) {
            out.put16(3 * i + 2);
            out.put16(3 * i + 3);
        }
        SackChunk.end(out, start, gaps, 0);
        length = out.length();
    }

    /** CRC32C of a packet of 1188 bytes. */
    @Benchmark
    public int checksum() {
        return header.computeChecksum(full, 0, full.length);
    }

    @Benchmark
    public long sack() {
        cursor.wrap(packet, PacketHeader.BYTES, length);
        if (!cursor.next() || sack.read(cursor) != null) throw new AssertionError("not a SACK");
        long sum = sack.cumulativeTsn() + sack.advertisedReceiverWindow();
        for (int i = 0; i < sack.gaps(); i++) sum += sack.gapEnd(i) - sack.gapStart(i);
        return sum;
    }
}
