/**
 * ICE (RFC 8445): finds the path that packets take between two peers, keeps consent to use it, and
 * carries the packets. The checks are ice4j's, whose types do not leave this package; the sockets,
 * the packets, consent, restart and the TURN client are ours.
 */
@NullMarked
package dev.peerline.datachannel.ice;

import org.jspecify.annotations.NullMarked;
