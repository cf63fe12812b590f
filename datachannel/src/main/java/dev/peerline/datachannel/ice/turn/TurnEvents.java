package dev.peerline.datachannel.ice.turn;

import dev.peerline.net.TransportAddress;

import java.nio.ByteBuffer;

/** What a {@link TurnClient} wants done, and tells. Buffers are valid during the call. */
public interface TurnEvents {
    /** Sends a message to the server: one datagram, or the next bytes of the stream. */
    void transmit(ByteBuffer message);

    /**
     * The allocation is there.
     *
     * @param relayed what peers send to
     * @param mapped what the server sees us by
     */
    void allocated(TransportAddress relayed, TransportAddress mapped);

    /**
     * There is no allocation, or no longer.
     *
     * @param code of the server's error response, 0 when it did not answer
     * @param hint what to do about it
     */
    void failed(int code, String hint);

    /** A packet that a peer sent to the relayed address. */
    void packet(TransportAddress peer, ByteBuffer payload);
}
