/**
 * How much may be in flight, and how fast: RFC 9260's Reno, CUBIC, and a model of the path that
 * tolerates loss. Each sees what acknowledgements tell and knows nothing of chunks.
 */
@NullMarked
package dev.peerline.datachannel.sctp.congestion;

import org.jspecify.annotations.NullMarked;
