/**
 * The bytes of the protocol: primitives, frames of sessions and of pairs, each read and written.
 * Bad input is a value here, never an exception. See docs/protocol.md.
 */
@NullMarked
package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.NullMarked;
