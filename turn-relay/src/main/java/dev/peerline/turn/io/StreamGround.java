package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.server.Settings;
import dev.peerline.turn.server.StreamClient;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Queue;

/** The ways out of the loop of TCP clients, with TCP to peers. */
final class StreamGround extends LoopGround {
    private final StreamLoop loop;
    private final RelayLog log;

    StreamGround(UdpDriver driver, RelayLog log, StreamLoop loop, Queue<Runnable> inbox) {
        super(driver, log, inbox);
        this.loop = loop;
        this.log = log;
    }

    @Override
    public @Nullable RelayPort listen(Settings.Relay relay, int port) {
        try {
            return new TcpRelayPort(
                    loop, relay.local().withPort(port), relay.announced().withPort(port));
        } catch (IOException e) {
            log.bindFailed(e);
            return null;
        }
    }

    @Override
    public void connect(RelayPort port, PeerConnection connection, TransportAddress peer) {
        PeerSocket.connect(loop, port.local(), peer, connection);
    }

    @Override
    public void join(StreamClient client, PeerConnection connection) {
        if (client instanceof StreamConnection from && connection.stream() instanceof PeerSocket to)
            from.join(to, connection);
    }
}
