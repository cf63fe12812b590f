package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A UDP port on the addresses of this machine, shared by any number of sessions at no thread each;
 * and a TCP port if {@link TcpOptions} want it. Thread-safe.
 *
 * <p>Sessions are told apart by the username of checks, and packets by the address they come from.
 * So one address of a peer belongs to one session: two ports that many sessions share on
 * <em>both</em> sides can have one session with each other.
 */
public interface IcePort extends AutoCloseable {
    /**
     * Binds a port, on a loop that goes with it.
     *
     * @throws IOException if no port of the range is free, or no address is left
     */
    static IcePort open(IcePortOptions options) throws IOException {
        IceLoop loop = IceLoop.open("peerline-ice", options.nativeCalls());
        try {
            return SharedPort.open(options, loop, true);
        } catch (IOException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /** Binds a port on a loop that others use, too. */
    static IcePort open(IcePortOptions options, IceLoop loop) throws IOException {
        return SharedPort.open(options, loop, false);
    }

    /**
     * A new session. The listener is not called before {@link IceSession#gather}.
     *
     * @throws IllegalStateException when the port is closed
     */
    IceSession session(IceOptions options, IceListener listener);

    /** Where UDP sockets are bound; all have one port number where the system lets them. */
    List<InetSocketAddress> localAddresses();

    /** Sessions that are not closed. */
    int sessionCount();

    /** The thread of all sessions. */
    IceLoop loop();

    /** Closes all sessions and the sockets. */
    @Override
    void close();
}
