package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.wire.Bytes;

/** Moves packets one hop, and may lose the last of them when it dies. Used on the loop alone. */
public interface Carrier {
    /** Bytes that it has not handed to the network yet. */
    long bufferedBytes();

    void send(Bytes packet);

    /** For good; nothing is told after it. */
    void close();

    /** What becomes of a carrier, told on the loop. */
    interface Events {
        /** It works. */
        void opened();

        void packet(Bytes packet);

        /**
         * It works no more, or never did.
         *
         * @param code as of a WebSocket: docs/protocol.md, section 2
         */
        void closed(int code, String reason);
    }
}
