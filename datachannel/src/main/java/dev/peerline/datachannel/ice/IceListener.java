package dev.peerline.datachannel.ice;

import java.nio.ByteBuffer;

/**
 * Who is told what happens to a session. All calls are made on the thread of the session's {@link
 * IceLoop}, one at a time, with no lock held; they must not wait. They may call the session.
 */
public interface IceListener {
    /** To be sent to the peer. Its username fragment tells which restart it belongs to. */
    default void localCandidate(IceCandidate candidate) {}

    default void gatheringState(IceGatheringState state) {}

    /** A STUN or TURN server did not give a candidate; {@code hint} says what to do. */
    default void candidateError(IceServer server, int code, String hint) {}

    default void state(IceState state) {}

    /** From now on, packets take this pair. */
    default void selectedPair(SelectedPair pair) {}

    /**
     * A packet of the peer's that is not STUN (RFC 7983): DTLS, or what else is in use. It may come
     * before a pair is selected, from an address whose check was good; an answer sent at once goes
     * back there.
     *
     * @param packet valid during the call; position to limit
     */
    void packet(ByteBuffer packet);

    /** RFC 7675: the peer has not answered for long enough that nothing may be sent any more. */
    default void consentLost() {}
}
