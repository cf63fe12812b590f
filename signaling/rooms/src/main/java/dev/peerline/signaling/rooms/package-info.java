/** Presence, tokens, ICE servers, and the brokering of SDP and candidates. */
@NullMarked
package dev.peerline.signaling.rooms;

import org.jspecify.annotations.NullMarked;
