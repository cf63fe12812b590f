package dev.peerline.turn.server;

import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.AllocationTable;
import dev.peerline.turn.allocation.Deadlines;
import dev.peerline.turn.allocation.PeerConnection;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What the handlers of one loop have in common: its allocations, its time. Not thread-safe. */
final class LoopState {
    final Shared shared;
    final Ground ground;
    final RandomGenerator random;
    final Counters counters;
    final AllocationTable table;
    final Deadlines deadlines = new Deadlines();

    /** TCP connections with peers, by the id that clients come for them with. */
    final Map<Integer, PeerConnection> peerConnections = new HashMap<>();

    long nowNanos;
    long epochSeconds;

    LoopState(
            Shared shared,
            Ground ground,
            RandomGenerator random,
            Counters counters,
            long nowNanos) {
        this.shared = shared;
        this.ground = ground;
        this.random = random;
        this.counters = counters;
        this.nowNanos = nowNanos;
        table = new AllocationTable(random.nextLong());
    }

    Settings settings() {
        return shared.settings();
    }

    /** Ends an allocation: its 5-tuple and its ports are free when this returns. */
    void end(Allocation allocation, String why) {
        deadlines.remove(allocation);
        unlist(allocation);
        if (allocation.ticket() instanceof Mobility.Ticket ticket) shared.tickets().remove(ticket);
        List.copyOf(allocation.connections()).forEach(this::forget);
        allocation.closePorts();
        for (boolean ipv4 : new boolean[] {true, false}) {
            var port = allocation.port(ipv4);
            if (port != null) shared.own().releasePort(port.local());
        }
        shared.quotas().release(allocation.owner().account());
        counters.increment(Counter.ALLOCATIONS_ENDED);
        ground.note(
                new Ground.Note.Ended(
                        Names.clean(allocation.owner().account()), relayed(allocation), why));
    }

    /** Its 5-tuple has no allocation any more. */
    void unlist(Allocation allocation) {
        if (allocation.client() instanceof StreamClient stream) stream.allocation(null);
        else table.remove(allocation);
    }

    /** Ends a TCP connection with a peer. */
    void forget(PeerConnection connection) {
        peerConnections.remove(connection.id());
        connection.allocation().remove(connection);
        connection.close();
    }

    static String relayed(Allocation allocation) {
        var port = allocation.ipv4() != null ? allocation.ipv4() : allocation.ipv6();
        return port == null ? "" : port.relayed().toString();
    }
}
