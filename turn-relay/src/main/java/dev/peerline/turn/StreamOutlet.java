package dev.peerline.turn;

import java.nio.ByteBuffer;

/** What the relay does with a connection of another owner. Called by one thread of the relay's. */
public interface StreamOutlet {
    /** Sends; a copy is kept of what cannot be sent at once. */
    void write(ByteBuffer bytes);

    /** What is kept and not sent yet, in bytes. */
    int queuedBytes();

    /** Whether more is read. */
    void reading(boolean on);

    /** Ends it when what is kept has left; not waited for without end. */
    void close();
}
