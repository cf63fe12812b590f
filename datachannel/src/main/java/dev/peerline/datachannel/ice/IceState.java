package dev.peerline.datachannel.ice;

/** Where a session stands; the names and meanings of the W3C's RTCIceConnectionState. */
public enum IceState {
    /** No remote parameters yet. */
    NEW,
    /** Checks run, or wait for remote candidates. */
    CHECKING,
    /** A pair is selected; checks of others may go on. */
    CONNECTED,
    /** A pair is selected, and all checks are done. */
    COMPLETED,
    /** The selected pair has not answered for a while. It may again. */
    DISCONNECTED,
    /**
     * No pair works, or consent was lost. Nothing is sent any more. A restart, a late remote
     * candidate, or a check of the peer's leads back to {@link #CHECKING}.
     */
    FAILED,
    CLOSED
}
