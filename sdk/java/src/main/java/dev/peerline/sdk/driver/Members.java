package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.sdk.direct.DirectPaths;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is in the room: what the server tells, put into the pair links and the application's words.
 * Not thread-safe.
 */
final class Members {
    private static final long NEVER = Long.MAX_VALUE;

    private final Endpoint endpoint;
    private final DriverListener listener;
    private final @Nullable DirectPaths direct;
    private final Map<Id, Entry> all = new LinkedHashMap<>();
    private boolean complete;

    /**
     * @param leaveAtNanos when one that the server does not know is given up
     */
    private record Entry(PeerRecord peer, long leaveAtNanos) {}

    /**
     * @param direct null where there are no direct paths
     */
    Members(Endpoint endpoint, DriverListener listener, @Nullable DirectPaths direct) {
        this.direct = direct;
        this.endpoint = endpoint;
        this.listener = listener;
    }

    /** Whether the server has said who is there. */
    boolean complete() {
        return complete;
    }

    @Nullable PeerRecord find(Id id) {
        Entry entry = all.get(id);
        return entry == null ? null : entry.peer();
    }

    Collection<PeerRecord> peers() {
        List<PeerRecord> peers = new ArrayList<>(all.size());
        for (Entry entry : all.values()) peers.add(entry.peer());
        return peers;
    }

    /**
     * @param awayNanos how long one may stay away
     */
    void roster(List<PeerRecord> peers, long now, long awayNanos) {
        for (PeerRecord peer : peers) {
            meet(peer, !complete || !all.containsKey(peer.member().id()));
        }
        // A server that was restarted learns of the others as they return: for now they are away.
        for (Id id : endpoint.roster(peers, now)) {
            Entry entry = all.get(id);
            if (entry == null) continue;
            PeerRecord known = entry.peer();
            all.put(id, new Entry(known, Math.min(entry.leaveAtNanos(), now + awayNanos)));
            if (!known.away()) change(Change.AWAY, away(known));
        }
        complete = true;
    }

    void presence(EntryBody.Presence presence, long now) {
        PeerRecord peer = presence.peer();
        if (presence.change() == Change.LEFT) {
            leave(peer.member().id());
            return;
        }
        endpoint.presence(presence, now);
        meet(peer, false);
    }

    long deadlineNanos() {
        long at = NEVER;
        for (Entry entry : all.values()) at = Math.min(at, entry.leaveAtNanos());
        return at;
    }

    void advance(long now) {
        if (now < deadlineNanos()) return;
        for (Map.Entry<Id, Entry> each : List.copyOf(all.entrySet())) {
            if (now >= each.getValue().leaveAtNanos()) leave(each.getKey());
        }
    }

    /**
     * @param first whether it was there before this side
     */
    private void meet(PeerRecord peer, boolean first) {
        Entry entry = all.put(peer.member().id(), new Entry(peer, NEVER));
        if (direct != null) direct.joined(peer.member(), !peer.away(), first);
        if (entry == null) {
            change(Change.JOINED, peer);
            return;
        }
        PeerRecord known = entry.peer();
        if (peer.member().incarnation() > known.member().incarnation()) change(Change.BACK, peer);
        else if (known.away() != peer.away()) {
            change(peer.away() ? Change.AWAY : Change.BACK, peer);
        } else if (known.carrier() != peer.carrier()) {
            listener.moved(peer.member().id(), "peer", 0, 0);
        }
    }

    private void change(Change change, PeerRecord peer) {
        all.computeIfPresent(
                peer.member().id(), (_, entry) -> new Entry(peer, entry.leaveAtNanos()));
        if (direct != null && change == Change.AWAY) direct.away(peer.member().id());
        listener.presence(change, peer);
    }

    private void leave(Id id) {
        Entry entry = all.remove(id);
        endpoint.left(id);
        if (direct != null) direct.left(id);
        if (entry != null) listener.presence(Change.LEFT, entry.peer());
    }

    private static PeerRecord away(PeerRecord peer) {
        return new PeerRecord(peer.member(), true, peer.carrier(), peer.name());
    }
}
