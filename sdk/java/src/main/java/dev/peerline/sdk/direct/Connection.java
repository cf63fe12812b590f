package dev.peerline.sdk.direct;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Signal;

import org.jspecify.annotations.Nullable;

/**
 * One connection to one peer, with its two data channels. Everything is called on the loop, and
 * tells on the loop.
 */
public interface Connection {
    /** Whether both channels are open. */
    boolean isOpen();

    /** Whether the reliable channel takes more. */
    boolean writable();

    /** Whether packets pass through a relay, as far as this side can see. */
    boolean relayed();

    /** For people: types and protocols of the candidates in use; null when there is no path. */
    @Nullable String pair();

    /** For people: where ICE stands, such as {@code checking}. */
    String iceState();

    Evidence evidence();

    /**
     * Puts frames on a channel.
     *
     * @param loose on the unordered one without retransmission
     */
    void send(Bytes packet, boolean loose);

    /** What the peer says of this connection; twice, or late, does no harm. */
    void receive(Signal signal);

    /** Looks for another path beside the present one. */
    void restart();

    void close();

    /** What has changed. */
    enum Change {
        /** Both channels are open. */
        OPEN,
        /** It has ended, by the peer or by a fault. */
        CLOSED,
        CONNECTED,
        DISCONNECTED,
        FAILED,
        /** Packets take another pair of candidates. */
        PAIR
    }

    /** Who is told. */
    interface Events {
        /** For the peer; the number of the connection is the owner's. */
        void signal(Word word);

        void packet(Bytes packet, boolean loose);

        /** The channel takes more again. */
        void writable();

        void changed(Change change);
    }

    /** Something to be told to the peer about a connection. */
    sealed interface Word {
        /** The same, of a connection with this number. */
        Signal of(long connection);
    }

    /** A session description: {@code offer} or {@code answer}. */
    record Description(String type, String sdp) implements Word {
        @Override
        public Signal of(long connection) {
            return new Signal(
                    connection, Signal.Kind.DESCRIPTION, type, sdp, null, null, -1, null, null);
        }
    }

    /**
     * A candidate of this side.
     *
     * @param line empty for the end of candidates
     * @param index of the section; -1 when it is not told
     */
    record Candidate(
            String line, @Nullable String mid, int index, @Nullable String usernameFragment)
            implements Word {
        @Override
        public Signal of(long connection) {
            return new Signal(
                    connection,
                    Signal.Kind.CANDIDATE,
                    null,
                    null,
                    line,
                    mid,
                    index,
                    usernameFragment,
                    null);
        }
    }
}
