/**
 * Mailboxes that survive the process: everything is in memory, as without it, and each change is
 * also written to a journal before the sender is told that it was taken. The journal is the whole
 * state: it is read at the start, written anew, and grows by changes from there.
 */
@NullMarked
package dev.peerline.fallback.disk;

import org.jspecify.annotations.NullMarked;
