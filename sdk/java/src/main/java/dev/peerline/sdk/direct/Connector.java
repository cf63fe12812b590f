package dev.peerline.sdk.direct;

import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.sdk.PathKind;

import java.util.List;
import java.util.Set;

/** Makes connections. */
@FunctionalInterface
public interface Connector {
    /** Begins one; it tells nothing before this method has returned. */
    Connection open(Plan plan, Connection.Events events);

    /**
     * How a connection begins.
     *
     * @param offers whether this side makes the first offer
     * @param polite whether this side gives way when two offers cross (W3C webrtc-pc §10.7)
     * @param iceServers of the kinds that are allowed
     * @param kinds that are allowed: without {@code DIRECT} relayed candidates alone
     */
    record Plan(boolean offers, boolean polite, List<IceServer> iceServers, Set<PathKind> kinds) {}
}
