package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * CPU time of each side a packet, by turns in one thread: figures that hold on a busy machine,
 * where {@link InMemoryBenchmark}'s do not.
 *
 * <p>Arguments: message bytes (default 65536), rounds (8), packets received before the receiver may
 * answer (32), checksum (false).
 */
public final class PacketCostBenchmark {
    private static final int PACKETS_A_ROUND = 1_000_000;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Association sender;
    private final Association receiver;
    private final byte[] packets;
    private final int[] lengths;
    private final int batch;
    private long now = 1_000_000_000L;
    private long sendNanos;
    private long receiveNanos;
    private long sent;

    private PacketCostBenchmark(int batch, boolean checksum) {
        SctpConfig config = SctpConfig.defaults().withZeroChecksum(!checksum);
        sender = new Association(config, 1);
        receiver = new Association(config, 2);
        this.batch = batch;
        packets = new byte[batch * SctpConfig.SAFE_PACKET_BYTES];
        lengths = new int[batch];
    }

    public static void main(String[] args) {
        int messageBytes = args.length > 0 ? Integer.parseInt(args[0]) : 65536;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 8;
        int batch = args.length > 2 ? Integer.parseInt(args[2]) : 32;
        boolean checksum = args.length > 3 && Boolean.parseBoolean(args[3]);
        PacketCostBenchmark benchmark = new PacketCostBenchmark(batch, checksum);
        for (int i = 0; i < rounds; i++) benchmark.round(messageBytes);
    }

    private void round(int messageBytes) {
        byte[] data = new byte[messageBytes];
        sender.connect(now);
        sendNanos = 0;
        receiveNanos = 0;
        sent = 0;
        while (sent < PACKETS_A_ROUND) {
            long began = threads.getCurrentThreadCpuTime();
            while (sender.bufferedAmount(1) < 1 << 20) sender.send(1, data, Options.reliable(53));
            int there = fill(sender);
            long between = threads.getCurrentThreadCpuTime();
            now += 50_000;
            deliver(receiver, there);
            int back = fill(receiver);
            long then = threads.getCurrentThreadCpuTime();
            now += 50_000;
            deliver(sender, back);
            long ended = threads.getCurrentThreadCpuTime();
            sendNanos += between - began + ended - then;
            receiveNanos += then - between;
            sent += there;
        }
        System.out.printf(
                "sender %.0f ns, receiver %.0f ns of CPU a packet, %d-byte messages, batches of"
                        + " %d%n",
                (double) sendNanos / sent, (double) receiveNanos / sent, messageBytes, batch);
    }

    private int fill(Association from) {
        if (from.deadlineNanos() <= now) from.advance(now);
        for (int i = 0; i < batch; i++) {
            lengths[i] = from.transmit(packets, i * SctpConfig.SAFE_PACKET_BYTES, now);
            if (lengths[i] == 0) return i;
        }
        return batch;
    }

    private void deliver(Association to, int count) {
        for (int i = 0; i < count; i++)
            to.receive(packets, i * SctpConfig.SAFE_PACKET_BYTES, lengths[i], now);
        AssociationEvent event = to.nextEvent();
        while (event != null) event = to.nextEvent();
    }
}
