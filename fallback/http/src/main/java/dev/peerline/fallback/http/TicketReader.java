package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

/** Opens what stands in for {@code Peerline-Hello} in a URL. Thread-safe. */
@FunctionalInterface
public interface TicketReader {
    /** Knows no tickets. */
    TicketReader NONE = _ -> null;

    /** The packet that was sealed for {@code /v1/link}; null for one that is forged or over. */
    @Nullable Bytes open(String ticket);
}
