package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;

import java.nio.ByteBuffer;

/**
 * Where our packets leave from: a socket, a relay, or TCP connections. Used on the loop's thread
 * alone.
 */
interface LocalEnd {
    /** What the peer sees, as far as no NAT is in between. */
    TransportAddress address();

    /** {@link IceCandidate.Kind#HOST} or {@link IceCandidate.Kind#RELAY}. */
    IceCandidate.Kind kind();

    /** How packets go between it and the peer. */
    default IceCandidate.Protocol protocol() {
        return IceCandidate.Protocol.UDP;
    }

    default boolean isTcp() {
        return protocol() == IceCandidate.Protocol.TCP;
    }

    /** How the relay is reached, or empty. */
    default String relayProtocol() {
        return "";
    }

    /** What a relay's candidate names as related (RFC 8839 §5.1): how the server sees us. */
    default TransportAddress related() {
        return address();
    }

    /** RFC 8445 §5.1.2.2: 126 for hosts, 0 to 2 for relays. */
    int typePreference();

    /** The type preference of what a peer may find this end to be. */
    default int reflexivePreference() {
        return CandidatePriority.PRFLX;
    }

    /** 0 to 65535, higher is better. */
    int localPreference();

    /** Whether it may begin to send there, an address of its own family and protocol. */
    default boolean reaches(TransportAddress remote) {
        return true;
    }

    /** Sends what lies between position and limit, which are left alone. */
    boolean send(ByteBuffer packet, TransportAddress to);
}
