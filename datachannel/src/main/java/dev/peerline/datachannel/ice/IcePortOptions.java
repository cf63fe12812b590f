package dev.peerline.datachannel.ice;

import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * Which port, and which of the machine's addresses.
 *
 * @param firstPort of the range to take a free one from; 0 leaves it to the system
 * @param lastPort at least {@code firstPort}
 * @param loopback whether loopback addresses count, too: for tests and peers of one machine
 * @param addresses which of the other addresses are used; link-local and multicast ones never are
 * @param nativeCalls batched system calls where there are any (Linux)
 * @param tcp whether TCP is used, too
 */
public record IcePortOptions(
        int firstPort,
        int lastPort,
        boolean loopback,
        Predicate<InetAddress> addresses,
        boolean nativeCalls,
        TcpOptions tcp) {
    public IcePortOptions {
        if (firstPort < 0 || lastPort < firstPort || lastPort > 0xffff) {
            throw new IllegalArgumentException(
                    "firstPort, lastPort: 0 <= first <= last <= 65535: "
                            + firstPort
                            + ", "
                            + lastPort);
        }
    }

    /** Any free port on all addresses but loopback. */
    public static IcePortOptions defaults() {
        return new IcePortOptions(0, 0, false, address -> true, true, TcpOptions.none());
    }

    /** Loopback addresses alone. */
    public static IcePortOptions loopbackOnly() {
        return new IcePortOptions(0, 0, true, address -> false, true, TcpOptions.none());
    }

    public IcePortOptions withPort(int port) {
        return withPorts(port, port);
    }

    public IcePortOptions withPorts(int first, int last) {
        return new IcePortOptions(first, last, loopback, addresses, nativeCalls, tcp);
    }

    public IcePortOptions withLoopback(boolean use) {
        return new IcePortOptions(firstPort, lastPort, use, addresses, nativeCalls, tcp);
    }

    public IcePortOptions withAddresses(Predicate<InetAddress> filter) {
        return new IcePortOptions(firstPort, lastPort, loopback, filter, nativeCalls, tcp);
    }

    public IcePortOptions withNativeCalls(boolean use) {
        return new IcePortOptions(firstPort, lastPort, loopback, addresses, use, tcp);
    }

    /** For peers whose UDP does not get through. */
    public IcePortOptions withTcp(TcpOptions options) {
        return new IcePortOptions(firstPort, lastPort, loopback, addresses, nativeCalls, options);
    }
}
