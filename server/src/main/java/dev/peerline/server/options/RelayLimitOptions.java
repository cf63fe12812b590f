package dev.peerline.server.options;

import dev.peerline.server.config.Numbers;
import dev.peerline.turn.server.Limits;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** What users of the relay, and strangers, may use. */
public final class RelayLimitOptions {
    private static final String DEFAULT = "Default: ${DEFAULT-VALUE}.";
    private static final Limits LIMITS = Limits.DEFAULT;
    private static final long KIB = 1024;

    @Option(
            names = "--max-allocations",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Relay allocations, in all. " + DEFAULT)
    public int maxAllocations = LIMITS.maxAllocations();

    @Option(
            names = "--max-allocations-per-user",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Of these, one user's. " + DEFAULT)
    int maxAllocationsPerUser = LIMITS.maxAllocationsPerUser();

    @Option(
            names = "--max-permissions",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Peers' addresses that one allocation may talk to. " + DEFAULT)
    int maxPermissions = LIMITS.maxPermissions();

    @Option(
            names = "--max-channels",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Channels of one allocation. " + DEFAULT)
    int maxChannels = LIMITS.maxChannels();

    @Option(
            names = "--user-kib-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Relayed for one user, both ways together. Default: no limit.")
    @Nullable Integer userKibPerSecond;

    @Option(
            names = "--relay-kib-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Relayed for all users together. Default: no limit.")
    @Nullable Integer relayKibPerSecond;

    @Option(
            names = "--stranger-bytes-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description =
                    "Answered to one network (/24, /48) before it has authenticated. " + DEFAULT)
    int strangerBytesPerSecond = (int) LIMITS.strangers().prefixBytesPerSecond();

    @Option(
            names = "--all-strangers-bytes-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Answered to all who have not authenticated. " + DEFAULT)
    int allStrangersBytesPerSecond = (int) LIMITS.strangers().totalBytesPerSecond();

    @Option(
            names = "--limit-loopback",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Clients on loopback are limited like others. Default with --public.")
    @Nullable Boolean limitLoopback;

    @Option(
            names = "--relay-connections",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "TCP and TLS connections to the relay. " + DEFAULT)
    int relayConnections = LIMITS.connections().max();

    @Option(
            names = "--relay-connections-per-address",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Of these, from one address. " + DEFAULT)
    int relayConnectionsPerAddress = LIMITS.connections().maxPerAddress();

    /**
     * All of them.
     *
     * @param trustLoopback whether loopback is exempt unless the options say otherwise
     */
    public Limits limits(boolean trustLoopback) {
        boolean exempt = limitLoopback == null ? trustLoopback : !limitLoopback;
        return new Limits(
                maxAllocations,
                maxAllocationsPerUser,
                maxPermissions,
                maxChannels,
                new Limits.Bandwidth(bytes(userKibPerSecond), bytes(relayKibPerSecond)),
                new Limits.Strangers(strangerBytesPerSecond, allStrangersBytesPerSecond, exempt),
                new Limits.Connections(relayConnections, relayConnectionsPerAddress));
    }

    private static long bytes(@Nullable Integer kib) {
        return kib == null ? 0 : kib * KIB;
    }
}
