package dev.peerline.fallback.link.mailbox;

/**
 * What a log may hold.
 *
 * @param maxBytes bookkeeping included
 * @param maxEntries the same as a number of entries
 * @param budget what it may hold together with others
 */
public record LogLimits(long maxBytes, int maxEntries, Budget budget) {
    public LogLimits {
        if (maxBytes <= 0 || maxEntries <= 0) {
            throw new IllegalArgumentException(
                    "maxBytes and maxEntries must be > 0, not %d and %d"
                            .formatted(maxBytes, maxEntries));
        }
    }
}
