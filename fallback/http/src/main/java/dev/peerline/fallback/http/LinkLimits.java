package dev.peerline.fallback.http;

import java.time.Duration;

/**
 * What one carrier, one address and all of them together may use. Those without a key (see {@code
 * Admission}) are exempt from the limits an address and from the rates.
 *
 * @param maxConnections carriers at one time, in all
 * @param connectionsPerKey carriers at one time from one address, or by one token
 * @param connectsPerSecond attempts to connect from one address, on average
 * @param connectBurst attempts that one address may make at once
 * @param framesPerSecond session frames on one carrier, on average; beyond the burst it is ended
 *     with {@code RATE_LIMITED}
 * @param frameBurst frames that one carrier may send at once
 * @param bytesPerSecond bytes that one carrier may send up, on average; beyond the burst it is read
 *     more slowly, and nothing is lost
 * @param byteBurst bytes that one carrier may send up at once
 * @param maxPacketBytes a packet in either direction; at most 256 KiB, at least 32 KiB
 * @param helloTimeout until the first frame
 * @param ping the interval a client pings in when it hears nothing; after three without a sign of
 *     life the carrier is ended
 * @param writeTimeout how long one packet may take to leave towards a reader that takes nothing,
 *     and the body of a POST to come
 * @param pollAfter when a client that polls should ask again at the latest, where few do
 */
public record LinkLimits(
        int maxConnections,
        int connectionsPerKey,
        int connectsPerSecond,
        int connectBurst,
        int framesPerSecond,
        int frameBurst,
        int bytesPerSecond,
        int byteBurst,
        int maxPacketBytes,
        Duration helloTimeout,
        Duration ping,
        Duration writeTimeout,
        Duration pollAfter) {

    /** The protocol's limit of a packet: docs/protocol.md, section 1. */
    public static final int MAX_PACKET_BYTES = 256 * 1024;

    /**
     * A packet must hold a pair frame of 16 KiB with its headers, and a roster's worth of names.
     */
    public static final int MIN_PACKET_BYTES = 32 * 1024;

    /** Meant for one process on a small host: a carrier takes some 20 KiB while it is idle. */
    public static final LinkLimits DEFAULT =
            new LinkLimits(
                    20_000,
                    256,
                    20,
                    256,
                    5_000,
                    20_000,
                    8 * 1024 * 1024,
                    16 * 1024 * 1024,
                    MAX_PACKET_BYTES,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(25),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(2));

    public LinkLimits {
        positive("maxConnections", maxConnections);
        positive("connectionsPerKey", connectionsPerKey);
        positive("connectsPerSecond", connectsPerSecond);
        positive("connectBurst", connectBurst);
        positive("framesPerSecond", framesPerSecond);
        positive("frameBurst", frameBurst);
        positive("bytesPerSecond", bytesPerSecond);
        positive("byteBurst", byteBurst);
        if (maxPacketBytes < MIN_PACKET_BYTES || maxPacketBytes > MAX_PACKET_BYTES) {
            throw new IllegalArgumentException(
                    "maxPacketBytes must be %d to %d, not %d"
                            .formatted(MIN_PACKET_BYTES, MAX_PACKET_BYTES, maxPacketBytes));
        }
        positive("helloTimeout in ms", helloTimeout.toMillis());
        positive("ping in ms", ping.toMillis());
        positive("writeTimeout in ms", writeTimeout.toMillis());
        positive("pollAfter in ms", pollAfter.toMillis());
    }

    /** The default for those who poll. */
    public LinkLimits(
            int maxConnections,
            int connectionsPerKey,
            int connectsPerSecond,
            int connectBurst,
            int framesPerSecond,
            int frameBurst,
            int bytesPerSecond,
            int byteBurst,
            int maxPacketBytes,
            Duration helloTimeout,
            Duration ping,
            Duration writeTimeout) {
        this(
                maxConnections,
                connectionsPerKey,
                connectsPerSecond,
                connectBurst,
                framesPerSecond,
                frameBurst,
                bytesPerSecond,
                byteBurst,
                maxPacketBytes,
                helloTimeout,
                ping,
                writeTimeout,
                DEFAULT.pollAfter);
    }

    private static void positive(String name, long value) {
        if (value <= 0) throw new IllegalArgumentException(name + " must be > 0, not " + value);
    }
}
