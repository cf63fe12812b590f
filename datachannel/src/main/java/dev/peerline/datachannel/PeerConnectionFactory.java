package dev.peerline.datachannel;

import dev.peerline.datachannel.ice.IcePort;
import dev.peerline.datachannel.ice.IcePortOptions;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Connections that share one UDP port and one thread, for a server of many peers. Thread-safe.
 *
 * <p>Packets are told apart by where they come from: two factories can have one connection with
 * each other at a time, each browser as many as it likes.
 */
public final class PeerConnectionFactory implements AutoCloseable {
    private final IcePort port;

    private PeerConnectionFactory(IcePort port) {
        this.port = port;
    }

    /**
     * Binds the port.
     *
     * @throws IOException if it is taken, or no address is left
     */
    public static PeerConnectionFactory open(IcePortOptions options) throws IOException {
        return new PeerConnectionFactory(IcePort.open(options));
    }

    /** A connection on the port; its close leaves the port open. */
    public PeerConnection create(PeerConnectionOptions options) {
        return new PeerConnection(options, port, false);
    }

    /** Where the port is. */
    public List<InetSocketAddress> localAddresses() {
        return port.localAddresses();
    }

    /** Connections that are not closed. */
    public int connectionCount() {
        return port.sessionCount();
    }

    /** Closes the port; connections fall silent without a word to their peers. */
    @Override
    public void close() {
        port.close();
    }
}
