package dev.peerline.datachannel.ice;

import java.nio.ByteBuffer;

/** How messages get to a TURN server and from it. Used on the loop's thread alone. */
interface TurnTransport {
    /** Who is told; on the loop's thread. */
    interface Events {
        /** Messages can be sent now. */
        void ready();

        void received(ByteBuffer message);

        /** It cannot be had, or is broken. */
        void broken(String hint);
    }

    /** Sends a message, which is copied. False if it was dropped. */
    boolean send(ByteBuffer message);

    /** {@code udp}, {@code tcp} or {@code tls}. */
    String protocol();

    /** Closes, when what was sent is out. */
    void close();
}
