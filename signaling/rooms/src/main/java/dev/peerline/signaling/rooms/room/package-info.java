/** One room: who is in it, and what becomes of what they send. A state machine. */
@NullMarked
package dev.peerline.signaling.rooms.room;

import org.jspecify.annotations.NullMarked;
