package dev.peerline.datachannel.sctp;

/** The states of an association (RFC 9260 §4). */
public enum State {
    CLOSED,
    COOKIE_WAIT,
    COOKIE_ECHOED,
    ESTABLISHED,
    SHUTDOWN_PENDING,
    SHUTDOWN_SENT,
    SHUTDOWN_RECEIVED,
    SHUTDOWN_ACK_SENT;

    /** The handshake is over, and the association is not. */
    public boolean isUp() {
        return compareTo(ESTABLISHED) >= 0;
    }

    /** RFC 9260 §6: where DATA is accepted. */
    boolean receivesData() {
        return this == ESTABLISHED || this == SHUTDOWN_PENDING || this == SHUTDOWN_SENT;
    }

    /** Where DATA may leave: what was queued before the shutdown still does. */
    boolean sendsData() {
        return this == ESTABLISHED || this == SHUTDOWN_PENDING || this == SHUTDOWN_RECEIVED;
    }
}
