package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.sdk.Finding;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.direct.Diagnosis;
import dev.peerline.sdk.direct.DirectPaths;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** What others are reached by, and how far they are. */
final class Kinds {
    private final Uplink uplink;
    private final Members members;
    private final Endpoint endpoint;
    private final Probes probes;
    private final @Nullable DirectPaths direct;
    private final Diagnosis diagnosis;

    Kinds(
            Uplink uplink,
            Members members,
            Endpoint endpoint,
            Probes probes,
            @Nullable DirectPaths direct) {
        this.uplink = uplink;
        this.members = members;
        this.endpoint = endpoint;
        this.probes = probes;
        this.direct = direct;
        diagnosis = new Diagnosis(direct);
    }

    /** The lower of what this side and a peer are connected by. */
    PathKind of(Id id) {
        if (direct != null && isDirect(id)) return direct.kindOf(id);
        PeerRecord peer = members.find(id);
        PathKind own = own();
        return peer == null ? own : PathKind.lower(own, kind(peer.carrier()));
    }

    private boolean isDirect(Id id) {
        return endpoint.pathOf(id) == PairPath.DIRECT;
    }

    private PathKind own() {
        Rung rung = uplink.kind();
        if (rung == null) return PathKind.WEBSOCKET;
        return switch (rung) {
            case DATA_CHANNEL -> PathKind.DATA_CHANNEL;
            case WEBSOCKET -> PathKind.WEBSOCKET;
            case SSE -> PathKind.SSE;
            case LONG_POLL -> PathKind.LONG_POLL;
            case POLL -> PathKind.POLL;
        };
    }

    private static PathKind kind(CarrierKind carrier) {
        return switch (carrier) {
            case DATA_CHANNEL -> PathKind.DATA_CHANNEL;
            case NONE, WEBSOCKET -> PathKind.WEBSOCKET;
            case SSE -> PathKind.SSE;
            case LONG_POLL -> PathKind.LONG_POLL;
            case POLL -> PathKind.POLL;
        };
    }

    /**
     * The lowest kind that a message took.
     *
     * @param over what it was acknowledged by
     */
    PathKind lowest(Destination to, PairPath over) {
        Id one = to.peer();
        boolean wentDirectly = over == PairPath.DIRECT;
        PathKind lowest = wentDirectly ? PathKind.DIRECT : own();
        List<Id> ids = new ArrayList<>();
        if (one != null) ids.add(one);
        else members.peers().forEach(peer -> ids.add(peer.member().id()));
        for (Id id : ids) {
            PathKind kind = of(id);
            // Some may have moved since it arrived.
            if (wentDirectly && kind != PathKind.RELAYED) continue;
            lowest = PathKind.lower(lowest, kind);
        }
        return lowest;
    }

    /** 0 when it is not known. */
    long rttNanos(Id id) {
        long overDirect = direct != null && isDirect(id) ? direct.rttNanos(id) : 0;
        return overDirect > 0 ? overDirect : probes.rttNanos(id);
    }

    /** Why the path to a peer is what it is: the first says most. */
    List<Finding> findings(Id id) {
        PeerRecord peer = members.find(id);
        Diagnosis.Standing standing =
                peer == null
                        ? Diagnosis.Standing.GONE
                        : peer.away() ? Diagnosis.Standing.AWAY : Diagnosis.Standing.HERE;
        return diagnosis.of(id, standing, of(id));
    }
}
