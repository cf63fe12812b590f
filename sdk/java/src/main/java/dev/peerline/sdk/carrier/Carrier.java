package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.wire.Bytes;

/** Moves packets one hop, and may lose the last of them when it dies. Used on the loop alone. */
public interface Carrier {
    /** How it takes what goes up. */
    ClientSession.Way way();

    /** Whether it takes another packet now. When it does again, {@link Events#changed} tells. */
    boolean ready();

    /** Bytes that it has not handed to the network yet, or that nobody has answered. */
    long bufferedBytes();

    void send(Bytes packet);

    /** For good; nothing is told after it. */
    void close();

    /** What becomes of a carrier, told on the loop. */
    interface Events {
        /** The {@code HELLO} that it is to begin with; for polls, that of the next request. */
        Bytes greeting();

        /** A {@code HELLO} that says who asks, and begins nothing. */
        Bytes proof();

        /** The server's reason for not having it: a packet that ends with an {@code ERROR}. */
        void refused(Bytes packet);

        /** The path is silent, and may come back. */
        void doubted();

        /** What it was greeted with is on its way to the server. */
        void opened();

        /** Came by the way down; empty where a poll was answered by nothing. */
        void packet(Bytes packet);

        /** It may take more. */
        void changed();

        /** The answer of the POST that was sent last. */
        void posted(Bytes answer);

        /**
         * For polls: whether another greets now, from whom the next request would take the reading.
         */
        boolean paused();

        /** For polls: whether something is expected, so that the next request should come soon. */
        boolean expecting();

        /**
         * It works no more, or never did.
         *
         * @param code as of a WebSocket: docs/protocol.md, section 2
         */
        void closed(CarrierEnd end, int code, String reason);
    }
}
