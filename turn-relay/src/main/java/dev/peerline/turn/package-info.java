/** A STUN/TURN server to embed or to run: RFC 8489, RFC 8656. */
@NullMarked
package dev.peerline.turn;

import org.jspecify.annotations.NullMarked;
