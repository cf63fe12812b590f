package dev.peerline.turn.allocation;

import dev.peerline.net.TransportAddress;

/** The client's side of a 5-tuple. Drivers have a class each. */
public interface Client {
    /** The client's address as the server sees it. */
    TransportAddress remote();

    /** The server's address that the client used; all zeros if the driver cannot tell. */
    TransportAddress local();

    /** UDP, or a stream. */
    boolean isReliable();
}
