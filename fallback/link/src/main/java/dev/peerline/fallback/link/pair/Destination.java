package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

/**
 * Whom a message is for.
 *
 * @param peer null for everybody in the room
 */
public record Destination(@Nullable Id peer) {
    public static final Destination ROOM = new Destination(null);

    public static Destination peer(Id peer) {
        return new Destination(peer);
    }

    Scope scope() {
        return peer == null ? Scope.ROOM : Scope.PEER;
    }

    boolean includes(Id id) {
        return peer == null || peer.equals(id);
    }
}
