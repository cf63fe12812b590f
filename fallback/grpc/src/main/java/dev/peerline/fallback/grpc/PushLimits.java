package dev.peerline.fallback.grpc;

import java.time.Duration;

/**
 * What clients of gRPC may use.
 *
 * @param maxMessageBytes the data of a message
 * @param maxConnections TCP connections in all
 * @param connectionsPerAddress from one address
 * @param heartbeat how often a connection without traffic is asked whether it lives
 * @param writeTimeout how long a reader may take nothing of what is on its way to it
 * @param head for a TLS handshake and the first words of HTTP/2
 */
public record PushLimits(
        int maxMessageBytes,
        int maxConnections,
        int connectionsPerAddress,
        Duration heartbeat,
        Duration writeTimeout,
        Duration head) {
    public PushLimits {
        positive("maxMessageBytes", maxMessageBytes);
        positive("maxConnections", maxConnections);
        positive("connectionsPerAddress", connectionsPerAddress);
        positive("heartbeat in ms", heartbeat.toMillis());
        positive("writeTimeout in ms", writeTimeout.toMillis());
        positive("head in ms", head.toMillis());
    }

    private static void positive(String name, long value) {
        if (value <= 0) throw new IllegalArgumentException(name + " must be > 0, not " + value);
    }
}
