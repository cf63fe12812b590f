package dev.peerline.datachannel.ice;

import java.time.Duration;

/**
 * TCP candidates (RFC 6544), for peers whose UDP does not get through. None by default: to listen
 * opens a port, and to connect lets peers name addresses that this machine then connects to.
 *
 * @param active connect to TCP candidates of the peer's, a moment after UDP has found no path; to
 *     ports below 1024 only 80 and 443, and those of public addresses alone
 * @param passive listen, on the addresses of the UDP port, and offer that: what browsers connect to
 * @param port to listen at; 0 for the number of the UDP port
 * @param maxConnections at one time, for each address; more are closed at once
 * @param maxUnknown of them that have not yet said whose peer they are (an authenticated check
 *     does), for each address: the oldest makes room. One remote address has at most 16
 * @param unknownTimeout after which one that has not said so is closed
 */
public record TcpOptions(
        boolean active,
        boolean passive,
        int port,
        int maxConnections,
        int maxUnknown,
        Duration unknownTimeout) {
    public TcpOptions {
        if (port < 0 || port > 0xffff)
            throw new IllegalArgumentException("port: 0 to 65535: " + port);
        if (maxUnknown < 1 || maxConnections < maxUnknown)
            throw new IllegalArgumentException(
                    "maxUnknown, maxConnections: 1 <= unknown <= all: "
                            + maxUnknown
                            + ", "
                            + maxConnections);
        if (unknownTimeout.isNegative() || unknownTimeout.isZero())
            throw new IllegalArgumentException("unknownTimeout: more than 0: " + unknownTimeout);
    }

    /** No TCP. */
    public static TcpOptions none() {
        return new TcpOptions(false, false, 0, 4096, 256, Duration.ofSeconds(5));
    }

    /** Connect to the peer's TCP candidates. */
    public TcpOptions withActive(boolean connect) {
        return new TcpOptions(connect, passive, port, maxConnections, maxUnknown, unknownTimeout);
    }

    /** Listen at a port, or at the number of the UDP port with 0. */
    public TcpOptions withPassive(int listenPort) {
        return new TcpOptions(active, true, listenPort, maxConnections, maxUnknown, unknownTimeout);
    }

    public TcpOptions withLimits(int connections, int unknown, Duration timeout) {
        return new TcpOptions(active, passive, port, connections, unknown, timeout);
    }
}
