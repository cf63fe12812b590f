/** STUN and TURN requests and relayed packets: bytes in, bytes out, no socket and no clock. */
@NullMarked
package dev.peerline.turn.server;

import org.jspecify.annotations.NullMarked;
