/**
 * SCTP (RFC 9260) with the extensions that WebRTC needs, as a state machine without socket, thread,
 * clock, logger or random source: packets and the time go in, packets, events and a deadline come
 * out.
 */
@NullMarked
package dev.peerline.datachannel.sctp;

import org.jspecify.annotations.NullMarked;
