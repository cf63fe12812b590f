/**
 * Append-only logs that are read from a cursor: what waits for one peer, and later what a topic
 * keeps. Every carrier on the server reads from here; they differ only in how they wait.
 */
@NullMarked
package dev.peerline.fallback.link.mailbox;

import org.jspecify.annotations.NullMarked;
