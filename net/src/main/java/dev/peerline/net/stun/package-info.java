/**
 * STUN messages (RFC 8489, and RFC 5389 for older peers): a reader and a writer over bytes that
 * somebody else owns. Sans-IO: no socket, clock, thread or source of randomness.
 */
@NullMarked
package dev.peerline.net.stun;

import org.jspecify.annotations.NullMarked;
