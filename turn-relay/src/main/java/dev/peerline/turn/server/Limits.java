package dev.peerline.turn.server;

/**
 * Every limit of the relay. 0 means none where it says so.
 *
 * @param maxAllocations of all users together; 0: none
 * @param maxAllocationsPerUser 0: none
 * @param maxPermissions of one allocation
 * @param maxChannels of one allocation
 * @param userBytesPerSecond relayed for one user, both directions together; 0: none
 * @param totalBytesPerSecond relayed for all; 0: none
 * @param strangerBytesPerSecond answered to one prefix before it has authenticated; 0: none
 * @param strangerTotalBytesPerSecond answered to all of them together; 0: none
 * @param loopbackExempt whether strangers on loopback are not limited
 */
public record Limits(
        int maxAllocations,
        int maxAllocationsPerUser,
        int maxPermissions,
        int maxChannels,
        long userBytesPerSecond,
        long totalBytesPerSecond,
        long strangerBytesPerSecond,
        long strangerTotalBytesPerSecond,
        boolean loopbackExempt) {
    /** RFC 8656 §7.2. */
    public static final int DEFAULT_LIFETIME_SECONDS = 600;

    public static final int MAX_LIFETIME_SECONDS = 3600;

    /** RFC 8656 §5: at least an hour is advised. */
    public static final int NONCE_LIFETIME_SECONDS = 3600;

    /**
     * 10,000 allocations, of which 100 a user; 16 kB/s answered to strangers of one prefix, which
     * is 170 challenges, and 1 MB/s in all.
     */
    public static final Limits DEFAULT =
            new Limits(10_000, 100, 128, 128, 0, 0, 16_000, 1_000_000, true);

    public Limits withAllocations(int inAll, int perUser) {
        return new Limits(
                inAll,
                perUser,
                maxPermissions,
                maxChannels,
                userBytesPerSecond,
                totalBytesPerSecond,
                strangerBytesPerSecond,
                strangerTotalBytesPerSecond,
                loopbackExempt);
    }

    public Limits withPeers(int permissions, int channels) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                permissions,
                channels,
                userBytesPerSecond,
                totalBytesPerSecond,
                strangerBytesPerSecond,
                strangerTotalBytesPerSecond,
                loopbackExempt);
    }

    public Limits withBandwidth(long userBytes, long totalBytes) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                userBytes,
                totalBytes,
                strangerBytesPerSecond,
                strangerTotalBytesPerSecond,
                loopbackExempt);
    }

    public Limits withStrangers(long prefixBytes, long totalBytes, boolean exemptLoopback) {
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                userBytesPerSecond,
                totalBytesPerSecond,
                prefixBytes,
                totalBytes,
                exemptLoopback);
    }
}
