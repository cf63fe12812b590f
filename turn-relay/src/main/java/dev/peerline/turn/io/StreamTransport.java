package dev.peerline.turn.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes of one connection, as they are on the wire. Belongs to the loop's thread. */
interface StreamTransport {
    /** Sends, or keeps a copy until it can. */
    void write(ByteBuffer wire) throws IOException;

    /** What is kept and not sent yet, in bytes. */
    int queuedBytes();

    /** Whether more is read; as long as not, the other side is held up. */
    void reading(boolean on);

    /** Ends it when what is queued has left, which is not waited for without end. */
    void finish();

    /** Ends it; what is queued may be lost. */
    void close();

    /** Who is told what arrives; on the loop's thread. */
    interface Reader {
        /** Some bytes, to be taken before this returns. */
        void received(ByteBuffer wire) throws IOException;

        /** What was queued has left. */
        void drained();

        /** The other side is gone. */
        void ended();
    }
}
