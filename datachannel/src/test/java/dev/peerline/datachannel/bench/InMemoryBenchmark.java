package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import java.lang.management.ManagementFactory;

/**
 * Two associations in memory, one thread each, without DTLS and sockets: nanoseconds of CPU a
 * packet a side, GB/s, bytes allocated a packet.
 *
 * <p>Arguments: message bytes (default 65536), seconds a round (3), rounds (4).
 */
public final class InMemoryBenchmark {
    private static final int BATCH = 64;

    private InMemoryBenchmark() {}

    public static void main(String[] args) throws InterruptedException {
        int messageBytes = args.length > 0 ? Integer.parseInt(args[0]) : 65536;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        PacketRing there = new PacketRing(4096, SctpConfig.SAFE_PACKET_BYTES);
        PacketRing back = new PacketRing(4096, SctpConfig.SAFE_PACKET_BYTES);
        Side sender = new Side(new Association(SctpConfig.defaults(), 1), back, there);
        Side receiver = new Side(new Association(SctpConfig.defaults(), 2), there, back);
        sender.messageBytes = messageBytes;
        Thread a = Thread.ofPlatform().daemon().start(sender);
        Thread b = Thread.ofPlatform().daemon().start(receiver);
        for (int round = 0; round < rounds; round++) {
            long[] before = snapshot(sender, receiver, a, b);
            long began = System.nanoTime();
            Thread.sleep(seconds * 1000L);
            long nanos = System.nanoTime() - began;
            long[] after = snapshot(sender, receiver, a, b);
            report(before, after, nanos);
        }
    }

    private static long[] snapshot(Side sender, Side receiver, Thread a, Thread b) {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return new long[] {
            sender.packets,
            receiver.packets,
            receiver.bytes,
            sender.busyNanos,
            receiver.busyNanos,
            threads.getThreadAllocatedBytes(a.threadId()),
            threads.getThreadAllocatedBytes(b.threadId()),
            receiver.messages
        };
    }

    private static void report(long[] before, long[] after, long nanos) {
        double[] d = new double[before.length];
        for (int i = 0; i < d.length; i++) d[i] = after[i] - before[i];
        System.out.printf(
                "%.2f GB/s, %.0f k data packets/s; sender %.0f ns, receiver %.0f ns a data packet;"
                    + " allocated %.1f + %.1f B a packet (messages %.1f); %.2f SACKs a packet%n",
                d[2] / nanos,
                d[0] / nanos * 1e6,
                d[3] / d[0],
                d[4] / d[0],
                d[5] / d[0],
                d[6] / d[0],
                d[2] / d[0],
                d[1] / d[0]);
    }

    /** One association and its thread. */
    private static final class Side implements Runnable {
        private final Association association;
        private final PacketRing in;
        private final PacketRing out;
        private int messageBytes;
        volatile long packets;
        volatile long bytes;
        volatile long messages;
        volatile long busyNanos;

        Side(Association association, PacketRing in, PacketRing out) {
            this.association = association;
            this.in = in;
            this.out = out;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        public void run() {
            association.connect(System.nanoTime());
            byte[] data = new byte[Math.max(1, messageBytes)];
            while (true) {
                long now = System.nanoTime();
                boolean worked = false;
                for (int i = 0; i < BATCH && in.canTake(); i++) {
                    association.receive(in.bytes(), in.takeOffset(), in.takeLength(), now);
                    in.taken();
                    worked = true;
                }
                if (association.deadlineNanos() <= now) association.advance(now);
                while (messageBytes > 0 && association.bufferedAmount(1) < 1 << 20)
                    association.send(1, data, Options.reliable(53));
                for (int i = 0; i < BATCH && out.canPut(); i++) {
                    int length = association.transmit(out.bytes(), out.putOffset(), now);
                    if (length == 0) break;
                    out.put(length);
                    packets++;
                    worked = true;
                }
                takeEvents();
                if (worked) busyNanos += System.nanoTime() - now;
                else Thread.onSpinWait();
            }
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        private void takeEvents() {
            while (true) {
                AssociationEvent event = association.nextEvent();
                if (event == null) return;
                if (!(event instanceof Message message)) continue;
                bytes += message.data().length;
                messages++;
            }
        }
    }
}
