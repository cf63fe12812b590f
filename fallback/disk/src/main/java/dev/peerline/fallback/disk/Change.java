package dev.peerline.fallback.disk;

import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.wire.Bytes;

/** Something that happened to a log. */
sealed interface Change {
    DiskLog log();

    /** It began, or is written anew as far as it is kept. */
    record Open(DiskLog log) implements Change {}

    record Append(DiskLog log, long offset, LogEntry entry) implements Change {}

    /** Everything up to and including the offset is not needed any more. */
    record Acknowledge(DiskLog log, long offset) implements Change {}

    record Note(DiskLog log, Bytes session) implements Change {}

    /** It is forgotten, with its note. */
    record Close(DiskLog log) implements Change {}
}
