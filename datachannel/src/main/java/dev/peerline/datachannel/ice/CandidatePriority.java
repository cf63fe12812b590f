package dev.peerline.datachannel.ice;

/** RFC 8445 §5.1.2.1 and RFC 6544 §4.2, for component 1. */
final class CandidatePriority {
    static final int HOST = 126;
    static final int PRFLX = 110;
    static final int SRFLX = 100;

    /** Below all of UDP but the relays; browsers have the same. */
    static final int HOST_TCP = 90;

    static final int PRFLX_TCP = 80;
    static final int RELAY_UDP = 2;
    static final int RELAY_TCP = 1;
    static final int RELAY_TLS = 0;

    /** Direction preferences of host candidates. */
    static final int ACTIVE = 6;

    static final int PASSIVE = 4;

    /** The most that {@link #tcp} takes for preference among addresses. */
    static final int MAX_TCP_OTHER = 0x1fff;

    private static final int COMPONENT = 1;

    private CandidatePriority() {}

    /**
     * The priority.
     *
     * @param type preference of the kind, 0 to 126
     * @param local preference among our addresses, 0 to 65535
     */
    static long of(int type, int local) {
        return ((long) type << 24) + ((long) local << 8) + (256 - COMPONENT);
    }

    /** The local preference of a TCP candidate: who connects, then which address. */
    static int tcp(int direction, int other) {
        return (direction << 13) + other;
    }
}
