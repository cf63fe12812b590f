package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Cursor;

import java.util.Locale;

/**
 * What a reader is told that missed messages.
 *
 * @param after its cursor, from which on something is missing
 * @param oldest the id of the first message that it gets instead; where there is none, the cursor
 *     after which it reads on
 * @param reason why they are gone
 */
public record Gap(Cursor after, Cursor oldest, Reason reason) {
    /** Why messages are gone. */
    public enum Reason {
        /** They were older than a log keeps. */
        AGE,
        /** There were more of them than a log keeps. */
        COUNT,
        /** They took more bytes than a log, or all together, may have. */
        BYTES,
        /** The cursor is of another life of the server, or of none: what was then is lost. */
        RESTART;

        /** As clients see it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
