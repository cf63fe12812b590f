package dev.peerline.sdk.direct;

import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.sdk.PathKind;

import java.util.concurrent.Executor;

/** Makes connections of WebRTC, each with a UDP port of its own. Thread-safe. */
public final class PeerConnections implements Connector {
    private final Executor loop;
    private final Executor waiting;
    private final IcePortOptions port;

    /**
     * @param loop runs what connections tell
     * @param waiting for what may take a while: keys, sockets
     * @param loopback whether loopback addresses are candidates, too: of use where the server is on
     *     this machine, and so others of the room may be
     */
    public PeerConnections(Executor loop, Executor waiting, boolean loopback) {
        this.loop = loop;
        this.waiting = waiting;
        port = IcePortOptions.defaults().withLoopback(loopback);
    }

    @Override
    public Connection open(Plan plan, Connection.Events events) {
        IceOptions ice =
                IceOptions.defaults()
                        .withServers(plan.iceServers())
                        .withRelayOnly(!plan.kinds().contains(PathKind.DIRECT));
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults().withIce(ice).withCallbacks(loop);
        DataChannelConnection connection = new DataChannelConnection(plan, events);
        connection.begin(options, port, loop, waiting);
        return connection;
    }
}
