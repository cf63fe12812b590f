package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import java.util.concurrent.TimeUnit;

/**
 * A packet's cost by the clock: of both sides together, and of the receiver alone (the difference
 * is the sender's). {@link PacketCostBenchmark} measures the same by CPU time.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class PacketCostJmh {
    private static final int BATCH = 32;
    private static final int PACKETS_A_CALL = 3200;

    /** Whole batches, so a call may send more; the next one sends less. */
    @Benchmark
    @OperationsPerInvocation(PACKETS_A_CALL)
    public void bothSides(Both both, Blackhole hole) {
        while (both.surplus < PACKETS_A_CALL) {
            both.offer();
            int there = both.fill(both.sender);
            both.now += 50_000;
            both.deliver(both.receiver, there, hole);
            int back = both.fill(both.receiver);
            both.now += 50_000;
            both.deliver(both.sender, back, hole);
            both.surplus += there;
        }
        both.surplus -= PACKETS_A_CALL;
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void receiver(Waiting both, Blackhole hole) {
        both.deliver(both.receiver, both.waiting, hole);
        both.waiting = both.fill(both.receiver);
    }

    /** Two associations, and the packets between them. */
    @State(Scope.Thread)
    public static class Both {
        /** Bytes. */
        @Param({"65536", "1024"})
        public int message;

        final Association sender = new Association(SctpConfig.defaults(), 1);
        final Association receiver = new Association(SctpConfig.defaults(), 2);
        final byte[] packets = new byte[BATCH * SctpConfig.SAFE_PACKET_BYTES];
        final int[] lengths = new int[BATCH];
        byte[] data = new byte[0];
        long now = 1_000_000_000L;
        int waiting;
        int surplus;

        @Setup(Level.Trial)
        public void connect() {
            data = new byte[message];
            sender.connect(now);
        }

        void offer() {
            while (sender.bufferedAmount(1) < 1 << 20) sender.send(1, data, Options.reliable(53));
        }

        int fill(Association from) {
            if (from.deadlineNanos() <= now) from.advance(now);
            for (int i = 0; i < BATCH; i++) {
                lengths[i] = from.transmit(packets, i * SctpConfig.SAFE_PACKET_BYTES, now);
                if (lengths[i] == 0) return i;
            }
            return BATCH;
        }

        void deliver(Association to, int count, Blackhole hole) {
            for (int i = 0; i < count; i++)
                to.receive(packets, i * SctpConfig.SAFE_PACKET_BYTES, lengths[i], now);
            AssociationEvent event = to.nextEvent();
            while (event != null) {
                hole.consume(event);
                event = to.nextEvent();
            }
        }

        /** What the receiver has written goes to the sender. */
        void answer(Blackhole hole) {
            if (waiting == 0) waiting = fill(receiver);
            now += 50_000;
            deliver(sender, waiting, hole);
            waiting = 0;
        }
    }

    /** Sees to it that a whole batch waits for the receiver: of less the rest goes unmeasured. */
    @State(Scope.Thread)
    public static class Waiting extends Both {
        @Setup(Level.Invocation)
        public void send(Blackhole hole) {
            answer(hole);
            offer();
            waiting = fill(sender);
            while (waiting < BATCH) {
                now += 50_000;
                deliver(receiver, waiting, hole);
                waiting = 0;
                answer(hole);
                offer();
                waiting = fill(sender);
            }
            now += 50_000;
        }
    }
}
