package dev.peerline.signaling.rooms;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.wire.CarrierKind;

import java.time.Duration;

/**
 * What rooms may use, and how long a peer is waited for.
 *
 * @param maxRooms rooms at one time
 * @param maxPeersPerRoom peers a room, here and away together
 * @param mailboxBytes what waits for one peer, headers and bookkeeping included; beyond it the
 *     oldest is forgotten and the reader is told ({@code GAP})
 * @param mailboxEntries the same as a number of entries
 * @param allMailboxesBytes what waits in all mailboxes together; beyond it each keeps only a small
 *     share
 * @param awayAfter without a WebSocket or SSE for this long, a peer is away; those that poll have a
 *     multiple of it: {@link #awayAfter(CarrierKind)}
 * @param leftAfter without a carrier for this long, a peer has left and its mailbox is forgotten
 */
public record RoomLimits(
        int maxRooms,
        int maxPeersPerRoom,
        int mailboxBytes,
        int mailboxEntries,
        long allMailboxesBytes,
        Duration awayAfter,
        Duration leftAfter) {

    /** 8 MiB is what a sender may have unacknowledged: docs/protocol.md, section 3. */
    public static final RoomLimits DEFAULT =
            new RoomLimits(
                    10_000,
                    256,
                    8 * 1024 * 1024,
                    65_536,
                    256L * 1024 * 1024,
                    Duration.ofSeconds(2),
                    Duration.ofMinutes(2));

    public RoomLimits {
        positive("maxRooms", maxRooms);
        positive("maxPeersPerRoom", maxPeersPerRoom);
        positive("mailboxBytes", mailboxBytes);
        positive("mailboxEntries", mailboxEntries);
        positive("allMailboxesBytes", allMailboxesBytes);
        positive("awayAfter in ms", awayAfter.toMillis());
        if (leftAfter.compareTo(awayAfter) < 0) {
            throw new IllegalArgumentException(
                    "leftAfter must be at least awayAfter, %s, not %s"
                            .formatted(awayAfter, leftAfter));
        }
    }

    /** What mailboxes may hold, with a budget that is theirs together. */
    public LogLimits logs() {
        return new LogLimits(mailboxBytes, mailboxEntries, new Budget(allMailboxesBytes));
    }

    /** The default with another time until a peer has left ({@code --away}). */
    public RoomLimits withLeftAfter(Duration time) {
        return new RoomLimits(
                maxRooms,
                maxPeersPerRoom,
                mailboxBytes,
                mailboxEntries,
                allMailboxesBytes,
                awayAfter,
                time);
    }

    /** Without a carrier for this long, a peer that was last seen on such a one is away. */
    public Duration awayAfter(CarrierKind kind) {
        // docs/protocol.md, section 6: 2 s, 5 s, 10 s.
        return switch (kind) {
            case NONE, DATA_CHANNEL, WEBSOCKET, SSE -> awayAfter;
            case LONG_POLL -> awayAfter.multipliedBy(5).dividedBy(2);
            case POLL -> awayAfter.multipliedBy(5);
        };
    }

    private static void positive(String name, long value) {
        if (value <= 0) throw new IllegalArgumentException(name + " must be > 0, not " + value);
    }
}
