package dev.peerline.fallback.http.topics;

import java.time.Duration;

/**
 * What readers and publishers of topics may use.
 *
 * @param maxMessageBytes a message's body
 * @param maxReaders streams, WebSockets and long polls at one time, in all
 * @param readersPerKey the same of one address, or by one token
 * @param heartbeat how often a stream without messages shows that it lives
 * @param writeTimeout how long a reader may take nothing of what is on its way to it
 */
public record ReaderLimits(
        int maxMessageBytes,
        int maxReaders,
        int readersPerKey,
        Duration heartbeat,
        Duration writeTimeout) {
    public static final ReaderLimits DEFAULT =
            new ReaderLimits(
                    64 * 1024, 20_000, 256, Duration.ofSeconds(25), Duration.ofSeconds(30));

    public ReaderLimits {
        positive("maxMessageBytes", maxMessageBytes);
        positive("maxReaders", maxReaders);
        positive("readersPerKey", readersPerKey);
        positive("heartbeat in ms", heartbeat.toMillis());
        positive("writeTimeout in ms", writeTimeout.toMillis());
    }

    private static void positive(String name, long value) {
        if (value <= 0) throw new IllegalArgumentException(name + " must be > 0, not " + value);
    }
}
