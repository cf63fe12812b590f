package dev.peerline.server;

import dev.peerline.fallback.http.LinkLimits;
import dev.peerline.server.grpc.GrpcPlan;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.TopicConfig;
import dev.peerline.server.ice.IceServer;
import dev.peerline.server.pushpeer.PushPeerPlan;
import dev.peerline.server.relay.BuiltInRelayPlan;
import dev.peerline.signaling.rooms.RoomLimits;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/**
 * All that a server needs to know.
 *
 * @param http ports, doors, pages
 * @param iceServers what peers are told of, besides the relay
 * @param relay null for none
 * @param grpc null for none
 * @param pushPeer null for none
 * @param link limits of carriers
 * @param rooms limits of rooms
 * @param topics how topics are kept and used
 * @param data where mailboxes and topics are kept; null for in memory alone
 */
record ServerConfig(
        HttpConfig http,
        List<IceServer> iceServers,
        @Nullable BuiltInRelayPlan relay,
        @Nullable GrpcPlan grpc,
        @Nullable PushPeerPlan pushPeer,
        LinkLimits link,
        RoomLimits rooms,
        TopicConfig topics,
        @Nullable Path data) {
    ServerConfig {
        iceServers = List.copyOf(iceServers);
    }
}
