package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.Sessions;

/** All rooms of this server. Thread-safe: one lock a room, never held over I/O or a callback. */
public final class Rooms implements Sessions {
    /** What can be seen at a glance; counted when asked for. */
    public record Gauges(int rooms, int peersHere, int peersAway, long mailboxBytes) {}

    /**
     * @param server the name and version that clients are told, as {@code peerline/0.1.0}
     */
    public Rooms(
            Admission admission,
            IceServers iceServers,
            String server,
            RoomLimits limits,
            LinkMetrics metrics) {}

    /** The present numbers, for {@code /metrics}. */
    public Gauges gauges() {
        return new Gauges(0, 0, 0, 0);
    }
}
