package dev.peerline.turn;

import java.nio.ByteBuffer;

/** Where the owner of a connection says what happens to it. Thread-safe. */
public interface StreamInlet {
    /**
     * Bytes from the client; they are copied.
     *
     * @return false if too much is on the way already: the connection is to be closed
     */
    boolean received(ByteBuffer bytes);

    /** All that was to be sent has left. */
    void drained();

    /** The client is gone. */
    void ended();
}
