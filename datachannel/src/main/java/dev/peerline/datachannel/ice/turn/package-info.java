/**
 * The client side of TURN (RFC 8656) as a state machine: one allocation, its permissions and
 * channels. No socket, clock, thread or source of randomness.
 */
@NullMarked
package dev.peerline.datachannel.ice.turn;

import org.jspecify.annotations.NullMarked;
