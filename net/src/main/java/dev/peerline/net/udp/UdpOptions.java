package dev.peerline.net.udp;

import java.net.InetSocketAddress;

/**
 * How a socket is bound.
 *
 * @param local port 0 for any; a wildcard is of its own family alone
 * @param reusePort several sockets on one port, among which the system shares out the peers
 * @param packetInfo tell to which address a datagram came (for wildcard sockets)
 * @param reportErrors hand over ICMP errors (Linux only)
 * @param bufferBytes the most that waits in the kernel in each direction
 */
public record UdpOptions(
        InetSocketAddress local,
        boolean reusePort,
        boolean packetInfo,
        boolean reportErrors,
        int bufferBytes) {
    /** About 10 ms at 3 Gbit/s. */
    public static final int DEFAULT_BUFFER_BYTES = 4 << 20;

    public static UdpOptions on(InetSocketAddress local) {
        return new UdpOptions(local, false, false, false, DEFAULT_BUFFER_BYTES);
    }

    public UdpOptions withLocal(InetSocketAddress address) {
        return new UdpOptions(address, reusePort, packetInfo, reportErrors, bufferBytes);
    }

    public UdpOptions withReusePort(boolean on) {
        return new UdpOptions(local, on, packetInfo, reportErrors, bufferBytes);
    }

    public UdpOptions withPacketInfo(boolean on) {
        return new UdpOptions(local, reusePort, on, reportErrors, bufferBytes);
    }

    public UdpOptions withErrorReports(boolean on) {
        return new UdpOptions(local, reusePort, packetInfo, on, bufferBytes);
    }

    public UdpOptions withBufferBytes(int bytes) {
        return new UdpOptions(local, reusePort, packetInfo, reportErrors, bytes);
    }
}
