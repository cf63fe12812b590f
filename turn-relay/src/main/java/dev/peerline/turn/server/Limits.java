package dev.peerline.turn.server;

/**
 * Every limit of the relay. 0 means none where it says so.
 *
 * @param maxAllocations of all users together; 0: none
 * @param maxAllocationsPerUser 0: none
 * @param maxPermissions of one allocation
 * @param maxChannels of one allocation
 */
public record Limits(
        int maxAllocations,
        int maxAllocationsPerUser,
        int maxPermissions,
        int maxChannels,
        Bandwidth bandwidth,
        Strangers strangers,
        Connections connections) {
    /** RFC 8656 §7.2. */
    public static final int DEFAULT_LIFETIME_SECONDS = 600;

    public static final int MAX_LIFETIME_SECONDS = 3600;

    /** RFC 8656 §5: at least an hour is advised. */
    public static final int NONCE_LIFETIME_SECONDS = 3600;

    /**
     * What is relayed.
     *
     * @param userBytesPerSecond for one user, both directions together; 0: none
     * @param totalBytesPerSecond for all; 0: none
     */
    public record Bandwidth(long userBytesPerSecond, long totalBytesPerSecond) {}

    /**
     * What is answered to people who have not authenticated.
     *
     * @param prefixBytesPerSecond to one prefix; 0: none
     * @param totalBytesPerSecond to all of them together; 0: none
     * @param loopbackExempt whether strangers on loopback are not limited, nor their connections
     */
    public record Strangers(
            long prefixBytesPerSecond, long totalBytesPerSecond, boolean loopbackExempt) {}

    /**
     * TCP and TLS; DTLS by itself, and by thread.
     *
     * @param max open at once
     * @param maxPerAddress of these from one address
     */
    public record Connections(int max, int maxPerAddress) {}

    /**
     * 10,000 allocations, of which 100 a user; 16 kB/s answered to strangers of one prefix, which
     * is 170 challenges, and 1 MB/s in all.
     */
    public static final Limits DEFAULT =
            new Limits(
                    10_000,
                    100,
                    128,
                    128,
                    new Bandwidth(0, 0),
                    new Strangers(16_000, 1_000_000, true),
                    new Connections(20_000, 500));

    public Limits withAllocations(int inAll, int perUser) {
        return new Limits(
                inAll, perUser, maxPermissions, maxChannels, bandwidth, strangers, connections);
    }

    public Limits withPeers(int permissions, int channels) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                permissions,
                channels,
                bandwidth,
                strangers,
                connections);
    }

    public Limits with(Bandwidth newBandwidth) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                newBandwidth,
                strangers,
                connections);
    }

    public Limits with(Strangers newStrangers) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                bandwidth,
                newStrangers,
                connections);
    }

    public Limits with(Connections newConnections) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                bandwidth,
                strangers,
                newConnections);
    }
}
