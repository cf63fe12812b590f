package dev.peerline.fallback.link.mailbox;

import dev.peerline.fallback.link.wire.Id;

/** Where mailboxes come from. Thread-safe. */
@FunctionalInterface
public interface Mailboxes {
    /** The mailbox of a peer that joins a room; {@link Log#close} forgets it. */
    Log open(String room, Id id);
}
