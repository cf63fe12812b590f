package dev.peerline.sdk.direct;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Member;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What comes over one connection. While listeners are behind it waits here, so that senders notice:
 * what they sent is not acknowledged.
 */
final class Inflow {
    /** More than a peer may have unacknowledged. */
    private static final long MAX_HELD_BYTES = 4 << 20;

    /** Types of pair frames: docs/protocol.md, section 3. */
    private static final int PROBE = 37;

    private static final int LOOSE = 39;

    private final Deque<Bytes> held = new ArrayDeque<>();
    private long heldBytes;

    /** Whether a probe says that its sender takes the path for a relayed one; null for no probe. */
    static @Nullable Boolean view(Bytes packet) {
        // Type, length, and what is sent back.
        if (packet.length() < 3 || packet.at(0) != PROBE) return null;
        return packet.at(2) == DirectPaths.VIEW_RELAYED;
    }

    /** False when too much waits. */
    boolean take(Member from, Bytes packet, boolean loose, DirectHost host) {
        boolean wait = host.congested();
        if (loose) {
            // Unreliable messages may be lost; what asks for a sign of life is answered.
            boolean message = packet.length() > 0 && packet.at(0) == LOOSE;
            if (!message || !wait) host.received(from, packet);
            return true;
        }
        if (!wait && held.isEmpty()) {
            host.received(from, packet);
            return true;
        }
        held.add(packet);
        heldBytes += packet.length();
        host.changed();
        return heldBytes <= MAX_HELD_BYTES;
    }

    /** Hands over what waits, as long as listeners keep up. */
    void release(Member from, DirectHost host) {
        for (Bytes packet; !host.congested() && (packet = held.poll()) != null; ) {
            heldBytes -= packet.length();
            host.received(from, packet);
        }
    }

    void clear() {
        held.clear();
        heldBytes = 0;
    }
}
