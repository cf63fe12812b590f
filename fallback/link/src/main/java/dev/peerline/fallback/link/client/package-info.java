/**
 * The client's half of a session: a way up that is numbered, and a way down that is the reading of
 * a mailbox (docs/protocol.md, section 2). State machines: time is a parameter, in nanoseconds from
 * any origin that does not change.
 */
@NullMarked
package dev.peerline.fallback.link.client;

import org.jspecify.annotations.NullMarked;
