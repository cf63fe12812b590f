package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.tx.SendQueue.Options;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;

/** In the steady state a packet makes no garbage: what is allocated is the received messages. */
final class AllocationTest {
    private static final int MESSAGE_BYTES = 65_536;

    private final Association sender = new Association(SctpConfig.defaults(), 1);
    private final Association receiver = new Association(SctpConfig.defaults(), 2);
    private final byte[] packet = new byte[SctpConfig.SAFE_PACKET_BYTES];
    private final byte[] data = new byte[MESSAGE_BYTES];
    private final Options options = Options.reliable(53);
    private long now = 1_000_000_000L;
    private long packets;
    private long received;

    @Test
    void aPacketMakesNoGarbage() {
        sender.connect(now);
        for (int i = 0; i < 20_000; i++) turn();
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        packets = 0;
        received = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 5_000; i++) turn();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        double beside = (double) (allocated - received) / packets;
        System.out.printf("%.1f bytes a packet beside %d of messages%n", beside, received);
        assertTrue(packets > 50_000, () -> packets + " packets");
        assertTrue(beside < 16, () -> beside + " bytes a packet");
    }

    private void turn() {
        while (sender.bufferedAmount(1) < 1 << 20) sender.send(1, data, options);
        move(sender, receiver);
        move(receiver, sender);
        now += 100_000;
        if (sender.deadlineNanos() <= now) sender.advance(now);
        if (receiver.deadlineNanos() <= now) receiver.advance(now);
    }

    private void move(Association from, Association to) {
        while (true) {
            int length = from.transmit(packet, 0, now);
            if (length == 0) break;
            packets++;
            to.receive(packet, 0, length, now);
        }
        AssociationEvent event = to.nextEvent();
        while (event != null) {
            if (event instanceof AssociationEvent.Message message)
                received += message.data().length;
            event = to.nextEvent();
        }
    }
}
