/**
 * Pair links, end to end between two peers: in order, exactly once, over whatever path the pair
 * uses (docs/protocol.md, section 3). State machines: time is a parameter, in nanoseconds from any
 * origin that does not change.
 */
@NullMarked
package dev.peerline.fallback.link.pair;

import org.jspecify.annotations.NullMarked;
