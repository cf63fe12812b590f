package dev.peerline.net.udp;

import dev.peerline.net.TransportAddress;

/** Who is told what arrives. Called on the polling thread; may send, bind and close. */
public interface UdpReceiver {
    void received(UdpSocket socket, UdpReceived run);

    /**
     * An ICMP error for a datagram that {@code socket} sent to {@code destination}; or what the
     * system itself said of one that must not be fragmented and is larger than the path.
     *
     * @param error of ICMP, or of ICMPv6 when the destination is IPv6
     */
    default void unreachable(UdpSocket socket, TransportAddress destination, IcmpError error) {}

    /**
     * As the ICMP message had them; data is the next-hop MTU where the packet was too big and that
     * is known, else 0.
     */
    record IcmpError(int type, int code, int data) {
        /** RFC 1191 §3 (destination unreachable, fragmentation needed), RFC 4443 §3.2. */
        static IcmpError tooBig(boolean ipv4, int mtu) {
            return ipv4 ? new IcmpError(3, 4, mtu) : new IcmpError(2, 0, mtu);
        }
    }
}
