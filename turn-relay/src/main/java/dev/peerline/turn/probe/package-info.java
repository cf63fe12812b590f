/** A small client, to see whether a STUN or TURN server does what it should. Blocks. */
@NullMarked
package dev.peerline.turn.probe;

import org.jspecify.annotations.NullMarked;
