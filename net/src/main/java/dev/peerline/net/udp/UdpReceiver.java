package dev.peerline.net.udp;

import dev.peerline.net.TransportAddress;

/** Who is told what arrives. Called on the polling thread; may send, bind and close. */
public interface UdpReceiver {
    void received(UdpSocket socket, UdpReceived run);

    /**
     * An ICMP error for a datagram that {@code socket} sent to {@code destination}.
     *
     * @param error of ICMP, or of ICMPv6 when the destination is IPv6
     */
    default void unreachable(UdpSocket socket, TransportAddress destination, IcmpError error) {}

    /**
     * As the ICMP message had them; data is the next-hop MTU where the packet was too big, else 0.
     */
    record IcmpError(int type, int code, int data) {}
}
