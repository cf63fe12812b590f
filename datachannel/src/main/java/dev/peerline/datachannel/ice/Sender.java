package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.Generation.Path;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes packets from any thread, and sends them over the present path on the loop's. */
final class Sender {
    /** Packets of other threads that the loop has not sent yet. */
    private static final int MAX_WAITING = 1024;

    private final IceLoop loop;
    private final Counters counters;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable Path path;

    Sender(IceLoop loop, Counters counters) {
        this.loop = loop;
        this.counters = counters;
    }

    void path(@Nullable Path other) {
        path = other;
    }

    @Nullable Path path() {
        return path;
    }

    boolean hasPath() {
        return path != null;
    }

    boolean send(ByteBuffer packet) {
        int bytes = packet.remaining();
        if (bytes > IceOptions.MAX_PACKET_BYTES) {
            throw new IllegalArgumentException(
                    "packet: at most " + IceOptions.MAX_PACKET_BYTES + " bytes: " + bytes);
        }
        if (path == null) return counters.discarded();
        if (loop.isCurrent()) return sendHere(packet);
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            return counters.discarded();
        }
        byte[] copy = new byte[bytes];
        packet.get(packet.position(), copy);
        loop.execute(
                () -> {
                    waiting.decrementAndGet();
                    sendHere(ByteBuffer.wrap(copy));
                });
        return true;
    }

    private boolean sendHere(ByteBuffer packet) {
        Path to = path;
        if (to == null || !to.local().send(packet, to.remote())) return counters.discarded();
        return counters.sent(packet.remaining());
    }
}
