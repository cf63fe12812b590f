package dev.peerline.datachannel.ice;

/** RFC 8445 §5.1.2.1, for component 1. */
final class CandidatePriority {
    static final int HOST = 126;
    static final int PRFLX = 110;
    static final int SRFLX = 100;
    static final int RELAY_UDP = 2;
    static final int RELAY_TCP = 1;
    static final int RELAY_TLS = 0;

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
}
