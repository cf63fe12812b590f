/**
 * Session descriptions, as far as data channels need them (RFC 8866, 8839, 8841, 8842, 8843, 9429):
 * text in, values out, and back; no socket, thread, clock, logger or random source.
 */
@NullMarked
package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.NullMarked;
